-- One row per day x channel x campaign with marketing cost booked by the as-of date; bookings of
-- one day add up.
with

marketing_spend as (

    select
        channel,
        campaign,
        spend_date,
        spend,
        impressions,
        clicks
    from {{ ref('stg_marketing_spend') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

final as (

    select
        -- dimensions
        marketing_spend.channel,
        marketing_spend.campaign,

        -- measures
        cast(sum(marketing_spend.spend) as numeric(18, 2)) as spend,
        cast(sum(marketing_spend.impressions) as bigint) as impressions,
        cast(sum(marketing_spend.clicks) as bigint) as clicks,

        -- metadata
        marketing_spend.spend_date,
        cast({{ dbt.date_trunc('month', 'marketing_spend.spend_date') }} as date) as spend_month
    from marketing_spend
    inner join clock on marketing_spend.spend_date <= clock.as_of_date
    group by marketing_spend.channel, marketing_spend.campaign, marketing_spend.spend_date

)

select * from final
