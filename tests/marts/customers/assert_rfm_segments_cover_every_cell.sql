-- Each of the 125 combinations of three scores from 1 to 5 has exactly one segment, and no other
-- combination has any.
with

scores as (

    {%- for score in range(1, 6) %}
    select {{ score }} as score
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

cells as (

    select
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary

),

segments as (

    select
        recency_score,
        frequency_score,
        monetary_score,
        count(*) as segments
    from {{ ref('ref_rfm_segments') }}
    group by recency_score, frequency_score, monetary_score

)

select
    cells.*,
    segments.segments
from cells
full outer join segments
    on
        cells.recency_score = segments.recency_score
        and cells.frequency_score = segments.frequency_score
        and cells.monetary_score = segments.monetary_score
where cells.recency_score is null or coalesce(segments.segments <> 1, true)
