-- One row per series x origin x position in the year: how far that month of the year stands above
-- or below the trend, as known at the origin. An origin is a month after which a forecast is made:
-- the newest one, and those before it that the back-test looks from.
with

series as (

    select
        series_id,
        month_number,
        actual
    from {{ ref('int_forecast_series') }}

),

-- Only origins, not months, are counted back: a fold sees what the shop knew then and no more.
origins as (

    select
        series_id,
        month_number as origin_month_number
    from (
        select
            series_id,
            month_number,
            max(month_number) over (partition by series_id) as newest_month_number
        from series
    ) as months
    where
        month_number = newest_month_number
        or (
            month_number >= {{ constant('forecast_min_history_months') }}
            and month_number >= newest_month_number - {{ var('forecast_folds') }}
        )

),

months_known as (

    select
        origins.series_id,
        origins.origin_month_number,
        series.month_number,
        series.actual
    from origins
    inner join series
        on
            origins.series_id = series.series_id
            and origins.origin_month_number >= series.month_number

),

{{ centred_trend(
    'months_known', ['series_id', 'origin_month_number'], 'month_number', 'actual'
) }},

ratios as (

    select
        series_id,
        origin_month_number,
        mod(month_number, 12) as year_position,
        greatest(actual, 0) / nullif(greatest(trend, 0), 0) as trend_ratio
    from months_known_with_trend

),

positions as (

    select
        series_id,
        origin_month_number,
        year_position,
        {{ exact_avg('trend_ratio') }} as mean_ratio,
        count(trend_ratio) as observations,
        {{ exact_variance('trend_ratio') }} * (count(trend_ratio) - 1) as squared_deviations
    from ratios
    group by series_id, origin_month_number, year_position

),

-- How much of the spread of the indices to believe, the rest being chance: the variance of a mean
-- ratio against that between them (James-Stein shrinkage, Miller & Williams 2003). Until every
-- position was seen twice, chance cannot be told and a var says; before the thirteenth month season
-- cannot be told from trend, and none is believed.
shrinkage as (

    select
        series_id,
        origin_month_number,
        {{ exact_avg('mean_ratio') }} as level_ratio,
        case
            when count(mean_ratio) < 12 or sum(observations) < 13 then 0
            when min(observations) < 2 then {{ constant('forecast_one_year_percent') }} / 100.0
            when {{ exact_variance('mean_ratio') }} > 0
                then greatest(
                    0,
                    1 - {{ exact_sum('squared_deviations') }} / nullif(sum(observations) - 12, 0)
                    * {{ exact_avg(
                        '(1 / nullif(cast(observations as ' ~ dbt.type_float() ~ '), 0))'
                    ) }}
                    / nullif({{ exact_variance('mean_ratio') }}, 0)
                )
            else 0
        end as believed_share
    from positions
    group by series_id, origin_month_number

),

final as (

    select
        positions.series_id,
        cast(positions.origin_month_number as bigint) as origin_month_number,
        cast(positions.year_position as bigint) as year_position,
        cast(
            case
                when shrinkage.level_ratio > 0
                    then
                        1 + shrinkage.believed_share
                        * (coalesce(positions.mean_ratio / shrinkage.level_ratio, 1) - 1)
                else 1
            end as {{ dbt.type_float() }}
        ) as seasonal_index
    from positions
    inner join shrinkage
        on
            positions.series_id = shrinkage.series_id
            and positions.origin_month_number = shrinkage.origin_month_number

)

select * from final
