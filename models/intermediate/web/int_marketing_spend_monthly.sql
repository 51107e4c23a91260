-- One row per month x channel with marketing cost booked by the as-of date.
with

marketing_spend as (

    select
        channel,
        spend_date,
        spend,
        impressions,
        clicks
    from {{ ref('stg_marketing_spend') }}

),

clock as (

    select as_of_date
    from {{ ref('int_as_of_date') }}

),

final as (

    select
        cast({{ dbt.date_trunc('month', 'marketing_spend.spend_date') }} as date) as spend_month,
        marketing_spend.channel,
        cast(sum(marketing_spend.spend) as numeric(18, 2)) as spend,
        cast(sum(marketing_spend.impressions) as bigint) as impressions,
        cast(sum(marketing_spend.clicks) as bigint) as clicks
    from marketing_spend
    inner join clock on marketing_spend.spend_date <= clock.as_of_date
    group by
        cast({{ dbt.date_trunc('month', 'marketing_spend.spend_date') }} as date),
        marketing_spend.channel

)

select * from final
