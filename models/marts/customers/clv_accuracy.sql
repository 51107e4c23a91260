-- One row per predictor x slice of the customers: what the predictor, knowing only the calibration
-- period, expected of the hold-out, and what customers then did.
with

-- Ranks are those of rounded numbers, so that ties are ties on every engine.
forecasts as (

    select
        predictor,
        customer_id,
        repeat_purchases,
        expected_orders,
        expected_revenue,
        actual_orders,
        actual_revenue,
        cast(expected_orders as numeric(18, 9)) as ranked_orders
    from {{ ref('int_clv_holdout_forecast') }}

),

-- Twice how far the mean rank of equals lies above that of all: whole numbers, which add up
-- exactly.
forecasts_ranked as (

    select
        *,
        {%- for side, value in {'expected': 'ranked_orders', 'actual': 'actual_orders'}.items() %}
        2 * rank() over (partition by predictor order by {{ value }})
        + count(*) over (partition by predictor, {{ value }})
        - count(*) over (partition by predictor) - 2 as {{ side }}_rank,
        {%- endfor %}
        ntile(10) over (
            partition by predictor order by ranked_orders desc, customer_id
        ) as decile
    from forecasts

),

forecasts_sliced as (

    select
        *,
        'all' as slice_type,
        'all customers' as slice
    from forecasts_ranked
    union all
    select
        *,
        'repeat_purchases' as slice_type,
        case
            when repeat_purchases >= 7 then '7 or more'
            else cast(repeat_purchases as {{ dbt.type_string() }})
        end as slice
    from forecasts_ranked
    union all
    select
        *,
        'decile' as slice_type,
        cast(decile as {{ dbt.type_string() }}) as slice
    from forecasts_ranked

),

slices as (

    select
        predictor,
        slice_type,
        slice,
        count(*) as customers,
        sum(actual_orders) as actual_orders,
        {{ exact_sum('expected_orders') }} as expected_orders,
        sum(actual_revenue) as actual_revenue,
        {{ exact_sum('expected_revenue') }} as expected_revenue,
        {{ exact_avg('abs(expected_orders - actual_orders)') }} as mean_absolute_error,
        sqrt({{ exact_avg('power(expected_orders - actual_orders, 2)') }})
            as root_mean_squared_error,
        -- Spearman: the correlation of ranks; none where a side has one value only
        cast(sum(expected_rank * actual_rank) as {{ dbt.type_float() }}) / nullif(
            sqrt(cast(sum(expected_rank * expected_rank) as {{ dbt.type_float() }}))
            * sqrt(cast(sum(actual_rank * actual_rank) as {{ dbt.type_float() }})),
            0
        ) as rank_correlation
    from forecasts_sliced
    group by predictor, slice_type, slice

),

final as (

    select
        predictor,
        slice_type,
        slice,
        cast(customers as bigint) as customers,
        cast(actual_orders as bigint) as actual_orders,
        expected_orders,
        expected_orders - actual_orders as error_orders,
        (expected_orders - actual_orders) / nullif(actual_orders, 0) as relative_error,
        mean_absolute_error,
        root_mean_squared_error,
        case when slice_type = 'all' then rank_correlation end as rank_correlation,
        cast(actual_revenue as numeric(18, 2)) as actual_revenue,
        cast(expected_revenue as numeric(18, 2)) as expected_revenue
    from slices

)

select * from final
