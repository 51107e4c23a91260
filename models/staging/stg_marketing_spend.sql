-- One row per booking of marketing cost; a day, channel and campaign may have several.
with

final as (

    select
        spend_date,
        {{ as_code('channel') }} as channel,
        campaign,
        spend,
        impressions,
        clicks,
        invalid_columns
    from {{ ref('base_marketing_spend') }}
    where rejection_reason is null

)

select * from final
