-- name: append
insert into change_log (tenant_id, kind, entity, previous, written, forced, created_at)
select $1, v.kind, v.entity, v.previous, v.written, v.forced, $3
from jsonb_array_elements($2::jsonb) with ordinality as e (document, position),
    jsonb_to_record(e.document) as v (kind text, entity jsonb, previous jsonb, written jsonb, forced boolean)
order by e.position

-- name: horizon
-- The oldest transaction that is under way, of any tenant_id: what older ones logged is all there.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint

-- name: read
select xid, seq, kind, entity, previous, written, forced, created_at
from change_log
where tenant_id = $1 and xid >= $2 and xid < $3 and seq > $4
order by seq
limit $5

-- name: demand
insert into stream_demand (tenant_id, wanted_until, floor_xid)
values ($1, clock_timestamp() + make_interval(secs => $2), $3)
on conflict (tenant_id) do update
set floor_xid = case when stream_demand.wanted_until < clock_timestamp() then $3 else stream_demand.floor_xid end,
    wanted_until = greatest(stream_demand.wanted_until, clock_timestamp() + make_interval(secs => $2))
returning floor_xid

-- name: begin
-- All that began after the demand was stored is logged, and it has a higher number than what has ended or is under way.
update stream_demand set floor_xid = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
where tenant_id = $1 and floor_xid = $2

-- name: remaining
select extract(epoch from wanted_until - clock_timestamp())::float from stream_demand where tenant_id = $1

-- name: wanted_until
select wanted_until from stream_demand where tenant_id = $1

-- name: floor
select floor_xid from stream_demand where tenant_id = $1

-- name: prune
with gone as (
    delete from change_log
    where (tenant_id, xid, seq) in (
        select tenant_id, xid, seq from change_log
        where created_at < clock_timestamp() - make_interval(secs => $1) limit 10000
    )
    returning tenant_id, xid
), highest as (
    select tenant_id, max(xid) as xid, count(*) as number from gone group by tenant_id
), raised as (
    update stream_demand d set floor_xid = greatest(d.floor_xid, h.xid + 1) from highest h where d.tenant_id = h.tenant_id
)
select coalesce(sum(number), 0) from highest
