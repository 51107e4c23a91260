-- One row per metric x day outside its band: the part of the shop that explains most of it, which
-- is the value of a dimension that has more of the change than of the metric as a whole, by most.
{%- set window = var('anomaly_window_days') %}
{%- set by_dimension = 'partition by metric, metric_date, dimension' %}
with

days_outside as (

    select
        metric,
        metric_date,
        other_days,
        is_rate
    from {{ ref('int_metric_bands_measured') }}
    where is_outside

),

metric_days as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        value,
        base
    from {{ ref('metric_days') }}
    where dimension <> 'all'

),

parts as (

    select
        {%- for column, part, condition in [
            ('value', 'value', '='), ('base', 'base', '='),
            ('value', 'other_value', '<>'), ('base', 'other_base', '<>'),
        ] %}
        cast(
            sum(
                case
                    when metric_days.metric_date {{ condition }} days_outside.metric_date
                        then metric_days.{{ column }}
                    else 0
                end
            ) as {{ dbt.type_float() }}
        ) as {{ part }},
        {%- endfor %}
        days_outside.metric,
        days_outside.metric_date,
        days_outside.other_days,
        days_outside.is_rate,
        metric_days.dimension,
        metric_days.dimension_value
    from days_outside
    inner join metric_days
        on
            days_outside.metric = metric_days.metric
            and metric_days.metric_date >= days_outside.metric_date - {{ window }}
            and metric_days.metric_date <= days_outside.metric_date + {{ window }}
    group by
        days_outside.metric,
        days_outside.metric_date,
        days_outside.other_days,
        days_outside.is_rate,
        metric_days.dimension,
        metric_days.dimension_value

),

-- A part's change is what it gave less what it gives on its other days (for a rate: at its own
-- rate).
parts_changed as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        value - case
            when is_rate then base * coalesce(other_value / nullif(other_base, 0), 0)
            else other_value / nullif(other_days, 0)
        end as change,
        other_value as usual
    from parts

),

parts_shared as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        change,
        change / nullif({{ exact_sum('change', over=by_dimension) }}, 0) as change_share,
        change / nullif(
            case
                when change > 0 then {{ exact_sum('greatest(change, 0)', over=by_dimension) }}
                else {{ exact_sum('least(change, 0)', over=by_dimension) }}
            end,
            0
        ) as share_of_movers,
        coalesce(usual / nullif({{ exact_sum('usual', over=by_dimension) }}, 0), 0) as usual_share
    from parts_changed

),

parts_ranked as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        change,
        share_of_movers,
        row_number() over (
            partition by metric, metric_date
            order by
                cast(change_share - usual_share as numeric(18, 6)) desc nulls last,
                dimension,
                dimension_value
        ) as place
    from parts_shared

),

final as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        cast(change as {{ dbt.type_float() }}) as change,
        cast(share_of_movers as {{ dbt.type_float() }}) as share_of_movers
    from parts_ranked
    where place = 1

)

select * from final
