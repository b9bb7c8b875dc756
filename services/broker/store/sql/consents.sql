-- name: given
select subject, item from consent
where tenant_id = $1 and service = $2 and purpose = $3 and subject = any($4::text[]) and item = any($5::text[]) and given

-- name: take
-- A tenant that is not known yet is waited for: nothing is inserted then.
insert into consent as known (tenant_id, service, purpose, subject, item, given, position)
select tenant.tenant_id, $2, $3, $4, $5, $6, $7 from tenant where tenant.name = $1
on conflict (tenant_id, service, purpose, subject, item) do update
set given = excluded.given, position = excluded.position where known.position < excluded.position

-- name: is_known
select exists (select from tenant where tenant.name = $1 and tenant_id > 0)

-- name: position
select position from consent_feed

-- name: advance
update consent_feed set position = $1 where position < $1

-- name: forget
delete from consent where tenant_id > 0

-- name: begin_anew
update consent_feed set position = 0
