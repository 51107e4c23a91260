-- One row per day, channel and campaign with marketing cost booked by the as-of date.
with

marketing_spend as (

    select
        spend_date,
        channel,
        campaign,
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
        marketing_spend.spend_date,
        marketing_spend.channel,
        coalesce(marketing_spend.campaign, 'unknown') as campaign,
        cast(sum(marketing_spend.spend) as numeric(18, 2)) as spend,
        cast(sum(marketing_spend.impressions) as bigint) as impressions,
        cast(sum(marketing_spend.clicks) as bigint) as clicks
    from marketing_spend
    inner join clock on marketing_spend.spend_date <= clock.as_of_date
    group by
        marketing_spend.spend_date,
        marketing_spend.channel,
        coalesce(marketing_spend.campaign, 'unknown')

)

select * from final
