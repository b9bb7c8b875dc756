-- name: lock_names
-- Of two writers that create under one name, the second waits until it can see what the first did.
select pg_advisory_xact_lock(key)
from (select distinct hashtextextended(name, $1::integer) as key from unnest($2::text[]) as name order by key) as keys
where $1::integer is not null /* tenant_id */

-- name: lock_by_uri
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and uri = any($2::text[])
order by seq
for update

-- name: lock_by_id
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and id = any($2::text[])
order by seq
for update

-- name: retrieve_by_uri
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and uri = $2 and (expires_at is null or expires_at > now())
order by seq

-- name: retrieve_by_id
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and id = $2 and (expires_at is null or expires_at > now())
order by seq

-- name: retrieve_each_by_uri
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and uri = any($2::text[]) and (expires_at is null or expires_at > now())
order by seq

-- name: retrieve_each_by_id
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and id = any($2::text[]) and (expires_at is null or expires_at > now())
order by seq

-- name: insert_entities
-- With $13 they came into being as they are: their history is what is stored of them, and is not sent beside.
with created as (
    insert into entity (tenant_id, id, type, path, uri, types, scopes, attrs, area, created_at, modified_at, expires_at)
    select $1, v.id, v.type, v.path, v.uri, v.types::text[], v.scopes::text[], v.attrs, v.area::box,
        v.created_at, v.modified_at, v.expires_at
    from unnest(
        $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::text[],
        $10::timestamptz[], $11::timestamptz[], $12::timestamptz[]
    ) as v (id, type, path, uri, types, scopes, attrs, area, created_at, modified_at, expires_at)
    on conflict do nothing
    returning id, type, path, seq, uri, attrs, modified_at
), recorded as (
    insert into history (tenant_id, uri, attribute, recorded_at, observed_at, seq, change, instance)
    select $1, uri, attribute, modified_at, (instance ->> 'observedAt')::timestamptz, seq, 'created', instance
    from created, jsonb_each(attrs) as a (attribute, instances), jsonb_array_elements(instances) as i (instance)
    where $13::boolean
)
select id, type, path, seq from created

-- name: keep_changes
-- What the writer stores nearly always, in one round trip; it answers with the version of the
-- tenant's subscriptions and the attributes it has declared indexes on. The history of attributes
-- that are replaced is in the entities themselves: it is neither sent nor read a second time.
with entities as materialized (
    select *
    from jsonb_to_recordset($2::jsonb) as v (
        seq bigint, attrs jsonb, modified_at timestamptz, uri text, replaced text[]
    )
), written as (
    update entity
    set attrs = v.attrs, modified_at = v.modified_at
    from entities as v
    where tenant_id = $1 and entity.seq = v.seq
), recorded as (
    insert into history (tenant_id, uri, attribute, recorded_at, observed_at, seq, change, instance)
    select $1, v.uri, name, v.modified_at, (v.attrs -> name -> 0 ->> 'observedAt')::timestamptz, v.seq, 'updated',
        v.attrs -> name -> 0
    from entities as v, unnest(v.replaced) as name
    union all
    select $1, v.*
    from json_to_recordset($3::json) as v (
        uri text, attribute text, recorded_at timestamptz, observed_at timestamptz, seq bigint, change text,
        instance jsonb
    )
)
select coalesce((select subscriptions from tenant_version where tenant_id = $1), 0) as subscriptions,
    array(select attribute from attribute_index where tenant_id = $1) as indexes

-- name: update_entities
update entity
set type = v.type, types = v.types::text[], scopes = v.scopes::text[], attrs = v.attrs, area = v.area::box,
    modified_at = v.modified_at, expires_at = v.expires_at
from unnest(
    $2::bigint[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::timestamptz[], $9::timestamptz[]
) as v (seq, type, types, scopes, attrs, area, modified_at, expires_at)
where tenant_id = $1 and entity.seq = v.seq

-- name: delete_entities
delete from entity where tenant_id = $1 and seq = any($2::bigint[])

-- name: find_batch
select answer from batch_key where tenant_id = $1 and key = $2

-- name: keep_batch
insert into batch_key (tenant_id, key, answer) values ($1, $2, $3)

-- name: take_items
insert into item_key (tenant_id, key)
select $1, key from unnest($2::text[]) as key
on conflict do nothing
returning key

-- name: give_back_items
delete from item_key where tenant_id = $1 and key = any($2::text[])

-- name: find_expired
select tenant_id, uri, id, type, path
from entity
where tenant_id = any(array(select tenant_id from tenant)) and expires_at <= now()
limit 1000

-- name: forget_batches
delete from batch_key
where tenant_id = any(array(select tenant_id from tenant)) and created_at < now() - interval '7 days'

-- name: forget_items
delete from item_key
where tenant_id = any(array(select tenant_id from tenant)) and created_at < now() - interval '2 days'

-- name: make_partitions
-- For every tenant_id alike: partitions are by time.
select make_history_partitions($1)
