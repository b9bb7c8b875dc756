-- name: append
insert into outbox (tenant_id, subscription_id, kind, entities, previous, touched, correlator, created_at)
select $1, n.subscription_id, n.kind, n.entities::jsonb, n.previous::jsonb, n.touched::jsonb, n.correlator, n.created_at
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
    with ordinality as n (subscription_id, kind, entities, previous, touched, correlator, created_at, position)
order by n.position

-- name: lease
with free as (
    select l.tenant_id, l.subscription_id
    from unnest($3::integer[], $4::text[]) as named (tenant_id, subscription_id)
    join lane l on l.tenant_id = named.tenant_id and l.subscription_id = named.subscription_id
    where (l.lease_until is null or l.lease_until < clock_timestamp())
        and (l.retry_at is null or l.retry_at <= clock_timestamp())
    for update of l skip locked
), taken as (
    update lane l
    set lease_owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2)
    from free
    where l.tenant_id = free.tenant_id and l.subscription_id = free.subscription_id
    returning l.tenant_id, l.subscription_id, l.attempts, l.fails_in_row, l.throttle_from
)
select taken.*, s.revision, t.name as tenant_name
from taken
join subscription s on s.tenant_id = taken.tenant_id and s.id = taken.subscription_id
join tenant t on t.tenant_id = taken.tenant_id

-- name: search
-- Steps from lane to lane, so that what waits in one does not count; some at a time, beginning after the last one seen.
with recursive pending as (
    (
        select tenant_id, subscription_id, 1 as number from outbox
        where (tenant_id, subscription_id) > ($1::integer, $2::text)
        order by tenant_id, subscription_id limit 1
    )
    union all
    select after.tenant_id, after.subscription_id, pending.number + 1
    from pending, lateral (
        select o.tenant_id, o.subscription_id from outbox o
        where (o.tenant_id, o.subscription_id) > (pending.tenant_id, pending.subscription_id)
        order by o.tenant_id, o.subscription_id limit 1
    ) after
    where pending.number < $3
)
select pending.tenant_id, pending.subscription_id,
    (l.lease_until is null or l.lease_until < clock_timestamp())
        and (l.retry_at is null or l.retry_at <= clock_timestamp()) as is_free
from pending left join lane l on l.tenant_id = pending.tenant_id and l.subscription_id = pending.subscription_id
order by pending.number

-- name: renew
update lane l
set lease_until = clock_timestamp() + make_interval(secs => $2)
from unnest($3::integer[], $4::text[]) as held (tenant_id, subscription_id)
where l.tenant_id = held.tenant_id and l.subscription_id = held.subscription_id and l.lease_owner = $1

-- name: waiting
select o.*
from unnest($1::integer[], $2::text[]) as held (tenant_id, subscription_id), lateral (
    select * from outbox
    where tenant_id = held.tenant_id and subscription_id = held.subscription_id
    order by seq limit $3
) o
order by o.tenant_id, o.subscription_id, o.seq

-- name: settle_lanes
update lane l
set lease_owner = null, lease_until = null, retry_at = d.retry_at, attempts = d.attempts,
    throttle_from = coalesce(d.throttle_from, l.throttle_from),
    times_sent = l.times_sent + d.sent, times_failed = l.times_failed + d.failed, fails_in_row = d.fails_in_row,
    last_notification = coalesce(d.last_notification, l.last_notification),
    last_success = coalesce(d.last_success, l.last_success),
    last_success_code = coalesce(d.last_success_code, l.last_success_code),
    last_failure = coalesce(d.last_failure, l.last_failure),
    last_failure_reason = coalesce(d.last_failure_reason, l.last_failure_reason)
from jsonb_to_recordset($2::jsonb) as d (
    tenant_id integer, subscription_id text, retry_at timestamptz, attempts integer, throttle_from timestamptz,
    sent integer, failed integer, fails_in_row integer, last_notification timestamptz, last_success timestamptz,
    last_success_code integer, last_failure timestamptz, last_failure_reason text
)
where l.tenant_id = d.tenant_id and l.subscription_id = d.subscription_id and l.lease_owner = $1

-- name: park
insert into dead_letter
select o.tenant_id, o.subscription_id, o.seq, o.kind, o.entities, o.previous, o.touched, o.correlator, o.created_at,
    clock_timestamp(), d.reason
from unnest($1::integer[], $2::text[], $3::bigint[], $4::text[]) as d (tenant_id, subscription_id, seq, reason)
join outbox o on o.tenant_id = d.tenant_id and o.subscription_id = d.subscription_id and o.seq = d.seq
on conflict do nothing

-- name: remove
delete from outbox o
using unnest($1::integer[], $2::text[], $3::bigint[]) as d (tenant_id, subscription_id, seq)
where o.tenant_id = d.tenant_id and o.subscription_id = d.subscription_id and o.seq = d.seq

-- name: sweep
delete from outbox o
where o.created_at < clock_timestamp() - interval '1 minute'
    and not exists (select from lane l where l.tenant_id = o.tenant_id and l.subscription_id = o.subscription_id)

-- name: take_due
update lane l
set due_at = greatest(l.due_at + make_interval(secs => d.interval_s), clock_timestamp())
from (
    select c.tenant_id, c.subscription_id, (s.document ->> 'time_interval_s')::float as interval_s, t.name
    from lane c
    join subscription s on s.tenant_id = c.tenant_id and s.id = c.subscription_id
    join tenant t on t.tenant_id = c.tenant_id
    where c.due_at <= clock_timestamp() and s.is_active
    order by c.due_at limit $1
    for update of c skip locked
) d
where l.tenant_id = d.tenant_id and l.subscription_id = d.subscription_id
returning l.tenant_id, l.subscription_id

-- name: health
select l.subscription_id, l.lease_until, l.retry_at, l.attempts, l.times_sent, l.times_failed, l.fails_in_row,
    l.last_notification, l.last_success, l.last_success_code, l.last_failure, l.last_failure_reason,
    s.face, s.is_active, s.document ->> 'barred' as barred, o.pending, o.oldest, d.parked, d.parked_since
from lane l join subscription s on s.tenant_id = l.tenant_id and s.id = l.subscription_id,
    lateral (select count(*) as pending, min(created_at) as oldest from outbox
        where tenant_id = l.tenant_id and subscription_id = l.subscription_id) o,
    lateral (select count(*) as parked, min(parked_at) as parked_since from dead_letter
        where tenant_id = l.tenant_id and subscription_id = l.subscription_id) d
where l.tenant_id = $1 and l.subscription_id = $2

-- name: all_health
select l.subscription_id, l.lease_until, l.retry_at, l.attempts, l.times_sent, l.times_failed, l.fails_in_row,
    l.last_notification, l.last_success, l.last_success_code, l.last_failure, l.last_failure_reason,
    s.face, s.is_active, s.document ->> 'barred' as barred, o.pending, o.oldest, d.parked, d.parked_since
from lane l join subscription s on s.tenant_id = l.tenant_id and s.id = l.subscription_id,
    lateral (select count(*) as pending, min(created_at) as oldest from outbox
        where tenant_id = l.tenant_id and subscription_id = l.subscription_id) o,
    lateral (select count(*) as parked, min(parked_at) as parked_since from dead_letter
        where tenant_id = l.tenant_id and subscription_id = l.subscription_id) d
where l.tenant_id = $1 order by l.subscription_id limit $2 offset $3

-- name: dead_letters
select seq, kind, entities, previous, touched, correlator, created_at, parked_at, reason from dead_letter
where tenant_id = $1 and subscription_id = $2 order by seq limit $3 offset $4

-- name: forget_dead_letters
-- Portions, so that no deletion holds much (every tenant_id).
delete from dead_letter
where (tenant_id, subscription_id, seq) in (
    select tenant_id, subscription_id, seq from dead_letter
    where parked_at < clock_timestamp() - make_interval(days => $1) limit 10000
)

-- name: resend
with taken as (
    delete from dead_letter
    where tenant_id = $1 and subscription_id = $2 and ($3::bigint[] is null or seq = any ($3::bigint[]))
    returning *
), put_back as (
    insert into outbox (tenant_id, subscription_id, kind, entities, previous, touched, correlator, created_at)
    select tenant_id, subscription_id, kind, entities, previous, touched, correlator, created_at from taken order by seq
    returning 1
)
select count(*) from put_back

-- name: hurry
update lane set retry_at = null, attempts = 0 where tenant_id = $1 and subscription_id = $2
