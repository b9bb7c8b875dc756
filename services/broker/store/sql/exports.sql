-- name: end_of_page
-- Not `type = $2`: as in query/to_sql.
select max(seq) from (
    select seq from entity
    where tenant_id = $1 and type >= $2 and type <= $2 and seq > $3
    order by type, seq
    limit $4
) as page

-- name: end_of_page_of_several
select max(seq) from (
    select seq from entity
    where tenant_id = $1 and types is not null and types @> array[$2::text] and type <> $2 and seq > $3
    order by seq
    limit $4
) as page
