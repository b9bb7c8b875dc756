-- name: held
select
    (select coalesce(sum(entities), 0)::bigint from shape_count where tenant_id = $1) as entities,
    (select count(*) from subscription where tenant_id = $1) as subscriptions,
    (
        (select count(*) from registration where tenant_id = $1) + (select count(*) from v2_registration where tenant_id = $1)
    ) as registrations,
    (select coalesce(sum(rows), 0)::bigint from usage_part where tenant_id = $1 and part like 'history%') as history_rows,
    (select coalesce(sum(bytes), 0)::bigint / 1000000 from usage_part where tenant_id = $1) as storage_mb

-- name: forget_history
delete from history where tenant_id = $1 and recorded_at >= $2 and recorded_at < $3

-- name: first_history
-- The oldest day of which there is a partition.
select min(to_date(substring(relname from 9), 'YYYYMMDD'))
from pg_class join pg_inherits on inhrelid = oid
where inhparent = 'history'::regclass and relname ~ '^history_[0-9]{8}$'

-- name: forget_dead_letters
delete from dead_letter
where (tenant_id, subscription_id, seq) in (
    select tenant_id, subscription_id, seq from dead_letter
    where tenant_id = $1 and parked_at < clock_timestamp() - make_interval(days => $2) limit 10000
)
