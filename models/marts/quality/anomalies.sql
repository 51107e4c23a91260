-- One row per metric x day that left its band: how far, and which part of the shop explains most
-- of it.
with

days_outside as (

    select
        metric,
        metric_date,
        calendar_event,
        value,
        expected_value,
        lower_bound,
        upper_bound,
        robust_score
    from {{ ref('int_metric_bands_measured') }}
    where is_outside

),

explanations as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        change,
        share_of_movers
    from {{ ref('int_metric_changes_explained') }}

),

final as (

    select
        -- identifiers
        days_outside.metric,
        days_outside.metric_date,

        -- dimensions
        case when days_outside.robust_score > 0 then 'up' else 'down' end as direction,
        days_outside.calendar_event,
        explanations.dimension as explaining_dimension,
        explanations.dimension_value as explaining_value,

        -- measures
        days_outside.value,
        days_outside.expected_value,
        days_outside.lower_bound,
        days_outside.upper_bound,
        days_outside.robust_score,
        explanations.change as explained_change,
        explanations.share_of_movers as explained_share
    from days_outside
    left join explanations
        on
            days_outside.metric = explanations.metric
            and days_outside.metric_date = explanations.metric_date

)

select * from final
