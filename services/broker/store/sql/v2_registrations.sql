-- name: insert
insert into v2_registration (tenant_id, id, path, document, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6)

-- name: retrieve
select * from v2_registration where tenant_id = $1 and id = $2

-- name: find
select * from v2_registration
where tenant_id = $1 and ($2::text is null or path = $2)
order by seq limit $3 offset $4

-- name: count
select count(*) from v2_registration where tenant_id = $1 and ($2::text is null or path = $2)

-- name: living
select * from v2_registration
where tenant_id = $1 and (expires_at is null or expires_at > $2)
order by seq

-- name: delete
delete from v2_registration where tenant_id = $1 and id = $2 returning id

-- name: note_success
update v2_registration set times_sent = times_sent + 1, last_forwarding = $3, last_success = $3
where tenant_id = $1 and id = $2

-- name: note_failure
update v2_registration set times_sent = times_sent + 1, last_forwarding = $3, last_failure = $3
where tenant_id = $1 and id = $2
