-- name: lock
-- Versions become visible in their order: one transaction at a time gives them, for every tenant_id.
select pg_advisory_xact_lock(hashtext('type_statistics'))

-- name: touch
insert into type_statistics as known (tenant_id, type, modified_at, version)
select v.tenant_id, v.type, v.modified_at, nextval('type_statistics_version')
from unnest($1::integer[], $2::text[], $3::timestamptz[]) as v (tenant_id, type, modified_at)
join tenant on tenant.tenant_id = v.tenant_id and tenant.status = 'active'
on conflict (tenant_id, type) do update
set modified_at = greatest(known.modified_at, excluded.modified_at), version = excluded.version

-- name: widen
-- New entities widen the box of their type; an index gives those that are newer than what was looked at.
with widened as (
    select known.tenant_id, known.type, max(e.seq) as seq,
        min((e.area[1])[0]) as west, min((e.area[1])[1]) as south,
        max((e.area[0])[0]) as east, max((e.area[0])[1]) as north
    from unnest($1::integer[], $2::text[]) as v (tenant_id, type)
    join type_statistics known on known.tenant_id = v.tenant_id and known.type = v.type
        and known.examined_at is not null
    join entity e on e.tenant_id = known.tenant_id and e.type = known.type and e.seq > known.seen_seq
    group by known.tenant_id, known.type
)
update type_statistics known
set seen_seq = w.seq, west = least(known.west, w.west), south = least(known.south, w.south),
    east = greatest(known.east, w.east), north = greatest(known.north, w.north)
from widened w
where known.tenant_id = w.tenant_id and known.type = w.type

-- name: due
-- Types of any tenant_id to look at anew: never looked at, or changed since; the dearer, the less often.
(
    select tenant_id, type from type_statistics where examined_at is null order by version limit 100
)
union all
(
    select tenant_id, type from type_statistics
    where examined_at < modified_at
        and examined_at < clock_timestamp() - make_interval(secs => greatest(10, 600 * examination_s))
    order by examined_at limit 1
)

-- name: extent
select coalesce(max(seq), 0) as seq, min((area[1])[0]) as west, min((area[1])[1]) as south,
    max((area[0])[0]) as east, max((area[0])[1]) as north
from entity
where tenant_id = $1 and (type = $2 or (types is not null and types @> array[$2::text]))

-- name: newest
select attrs from entity
where tenant_id = $1 and type = $2 and (expires_at is null or expires_at > now())
order by seq desc
limit $3

-- name: newest_of_several
select attrs from entity
where tenant_id = $1 and types is not null and types @> array[$2::text] and (expires_at is null or expires_at > now())
limit $3

-- name: keep
update type_statistics
set seen_seq = $3, west = $4, south = $5, east = $6, north = $7, observed = $8, examination_s = $9,
    examined_at = $10, version = nextval('type_statistics_version')
where tenant_id = $1 and type = $2

-- name: postpone
update type_statistics set examined_at = $3, examination_s = $4 where tenant_id = $1 and type = $2

-- name: position
select coalesce(max(version), 0) from type_statistics
where tenant_id = any(array(select tenant_id from tenant))

-- name: changed
select tenant_id, max(version) as version
from type_statistics
where tenant_id = any(array(select tenant_id from tenant)) and version > $1
group by tenant_id
order by version
limit $2

-- name: of_tenant
select type, modified_at, west, south, east, north, observed from type_statistics where tenant_id = $1
