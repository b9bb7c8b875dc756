-- name: sample_attributes
select type, attribute, (array_agg(instance))[1] as instance
from (
    select e.type, a.key as attribute, a.value -> 0 as instance
    from entity e cross join lateral jsonb_each(e.attrs) as a
    where e.tenant_id = $1 and ($4::text is null or e.type = $4) and (e.expires_at is null or e.expires_at > now())
        and exists (select from unnest($2::text[], $3::boolean[]) as wanted(path, below)
            where e.path = wanted.path
                or (wanted.below and (wanted.path = '' or starts_with(e.path, wanted.path || '/'))))
) as each
group by type, attribute, instance ->> 'type', instance ->> 'kind', instance ? 'instant', instance ->> 'literal',
    jsonb_typeof(instance -> 'value')
