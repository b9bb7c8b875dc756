-- name: insert
insert into registration (tenant_id, id, mode, document, context, fiware, created_at, modified_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
on conflict do nothing
returning seq

-- name: lock_tenant
insert into tenant_version (tenant_id, registrations) values ($1, 1)
on conflict (tenant_id) do update set registrations = tenant_version.registrations + 1

-- name: retrieve
select * from registration where tenant_id = $1 and id = $2 and (expires_at is null or expires_at > $3)

-- name: living
select * from registration where tenant_id = $1 and (expires_at is null or expires_at > $2) order by seq

-- name: replace
update registration set mode = $3, document = $4, context = $5, modified_at = $6, expires_at = $7
where tenant_id = $1 and id = $2

-- name: delete
delete from registration where tenant_id = $1 and id = $2 returning id

-- name: delete_expired
delete from registration where tenant_id = any(array(select tenant_id from tenant)) and expires_at <= $1

-- name: note_success
update registration set times_sent = times_sent + 1, last_success = $3 where tenant_id = $1 and id = $2

-- name: note_failure
update registration set times_sent = times_sent + 1, times_failed = times_failed + 1, last_failure = $3
where tenant_id = $1 and id = $2
