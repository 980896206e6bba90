-- The places of each kind: how many there are, and what is new, changed and gone in the week, by what was published.
WITH places AS (
    SELECT 'attractions' AS kind, title, published_at, updated_at, removed_at FROM core.attractions WHERE region_code = %(region)s
    UNION ALL
    SELECT 'cultural_facilities' AS kind, title, published_at, updated_at, removed_at FROM core.cultural_facilities WHERE region_code = %(region)s
    UNION ALL
    SELECT 'festivals' AS kind, title, published_at, updated_at, removed_at FROM core.festivals WHERE region_code = %(region)s
    UNION ALL
    SELECT 'travel_courses' AS kind, title, published_at, updated_at, removed_at FROM core.travel_courses WHERE region_code = %(region)s
    UNION ALL
    SELECT 'leisure_sports' AS kind, title, published_at, updated_at, removed_at FROM core.leisure_sports WHERE region_code = %(region)s
    UNION ALL
    SELECT 'accommodations' AS kind, title, published_at, updated_at, removed_at FROM core.accommodations WHERE region_code = %(region)s
    UNION ALL
    SELECT 'shopping' AS kind, title, published_at, updated_at, removed_at FROM core.shopping WHERE region_code = %(region)s
    UNION ALL
    SELECT 'restaurants' AS kind, title, published_at, updated_at, removed_at FROM core.restaurants WHERE region_code = %(region)s
), seen AS (
    -- A week can be reported again later: what was removed after it was there.
    SELECT *, removed_at IS NULL OR removed_at >= %(monday)s AS is_there FROM places WHERE published_at < %(monday)s
)
SELECT kind,
    count(*) FILTER (WHERE is_there)::integer AS places,
    count(*) FILTER (WHERE is_there AND published_at >= %(start)s)::integer AS added,
    count(*) FILTER (WHERE is_there AND published_at < %(start)s AND updated_at >= %(start)s AND updated_at < %(monday)s)::integer AS changed,
    count(*) FILTER (WHERE NOT is_there AND published_at < %(start)s AND removed_at >= %(start)s)::integer AS removed,
    coalesce((array_agg(title ORDER BY published_at DESC, title) FILTER (WHERE is_there AND published_at >= %(start)s))[:%(most_names)s], '{}')
        AS names
FROM seen GROUP BY kind ORDER BY kind
