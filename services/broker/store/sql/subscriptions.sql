-- name: insert
insert into subscription (tenant_id, id, face, paths, is_active, document, created_at, modified_at)
values ($1, $2, $3, $4, $5, $6, $7, $7)
on conflict do nothing
returning seq

-- name: insert_lane
insert into lane (tenant_id, subscription_id, due_at) values ($1, $2, $3)

-- name: bump_version
with bumped as (
    insert into tenant_version (tenant_id, subscriptions) values ($1, 1)
    on conflict (tenant_id) do update set subscriptions = tenant_version.subscriptions + 1
    returning subscriptions as version
), forgotten as (
    delete from subscription_change c using bumped where c.tenant_id = $1 and c.version <= bumped.version - 10000
)
insert into subscription_change (tenant_id, version, subscription_id) select $1, version, $2 from bumped

-- name: version
select subscriptions from tenant_version where tenant_id = $1

-- name: retrieve
select s.*, l.times_sent, l.times_failed, l.fails_in_row, l.last_notification, l.last_success, l.last_success_code,
    l.last_failure, l.last_failure_reason
from subscription s join lane l on l.tenant_id = s.tenant_id and l.subscription_id = s.id
where s.tenant_id = $1 and s.face = $2 and s.id = $3

-- name: lock
select id from subscription where tenant_id = $1 and face = $2 and id = $3 for update

-- name: find
select s.*, l.times_sent, l.times_failed, l.fails_in_row, l.last_notification, l.last_success, l.last_success_code,
    l.last_failure, l.last_failure_reason
from subscription s join lane l on l.tenant_id = s.tenant_id and l.subscription_id = s.id
where s.tenant_id = $1 and s.face = $2 and ($3::text is null or s.paths = $3)
    and ($4::text is null or s.document ->> 'owner' = $4)
order by s.seq
limit $5 offset $6

-- name: count
select count(*) from subscription where tenant_id = $1 and face = $2 and ($3::text is null or paths = $3)
    and ($4::text is null or document ->> 'owner' = $4)

-- name: owned
-- Of every tenant_id: whose makers have changed, or which lie in tenants that have.
select t.name, s.tenant_id, s.document from subscription s join tenant t on t.tenant_id = s.tenant_id
where s.is_active and s.document ->> 'owner' <> '' and (
    $1::text[] is null or s.document ->> 'owner' = any($1::text[]) or s.document ->> 'maker' = any($1::text[])
    or t.name = any($2::text[])
)
order by s.seq

-- name: replace
update subscription
set paths = $3, is_active = $4, document = $5, modified_at = $6, revision = revision + 1
where tenant_id = $1 and id = $2

-- name: reset_lane
update lane set due_at = $3, retry_at = null, attempts = 0, fails_in_row = 0
where tenant_id = $1 and subscription_id = $2

-- name: delete
delete from subscription where tenant_id = $1 and face = $2 and id = $3 returning id

-- name: delete_lane
delete from lane where tenant_id = $1 and subscription_id = $2

-- name: delete_outbox
delete from outbox where tenant_id = $1 and subscription_id = $2

-- name: delete_dead_letters
delete from dead_letter where tenant_id = $1 and subscription_id = $2

-- name: active
select id, seq, document from subscription where tenant_id = $1 and is_active order by seq

-- name: changed
select c.version, c.subscription_id as id, s.seq, s.document
from subscription_change c
left join subscription s on s.tenant_id = c.tenant_id and s.id = c.subscription_id and s.is_active
where c.tenant_id = $1 and c.version > $2
order by c.version

-- name: load
select id, revision, document from subscription where tenant_id = $1 and id = any ($2::text[])

-- name: deactivate
update subscription set is_active = false, revision = revision + 1, document = document || '{"is_active": false}'
where tenant_id = $1 and id = $2 and is_active
