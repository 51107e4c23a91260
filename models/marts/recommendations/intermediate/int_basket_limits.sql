-- One row: how many baskets there are, and the limits a rule must reach as whole numbers, so that
-- no decision hangs on a rounded share. Python and SQL mine with these.
with

baskets as (

    select is_kept_out
    from {{ ref('int_baskets_sized') }}

),

baskets_counted as (

    select
        cast(count(case when not is_kept_out then 1 end) as bigint) as basket_count,
        cast(count(case when is_kept_out then 1 end) as bigint) as kept_out_basket_count
    from baskets

),

final as (

    select
        '{{ var("basket_item_level") }}' as item_level,
        basket_count,
        kept_out_basket_count,
        greatest(
            cast(ceil(
                cast(basket_count as numeric(12, 0))
                * cast({{ var('basket_min_support') }} as numeric(18, 9))
            ) as bigint),
            {{ var('basket_min_count') }}
        ) as min_count,
        cast({{ (var('basket_min_confidence') * 1000000) | round | int }} as bigint)
            as min_confidence_millionths,
        cast({{ (var('basket_min_lift') * 1000) | round | int }} as bigint)
            as min_lift_thousandths,
        cast({{ basket_rule_items() }} as bigint) as max_length
    from baskets_counted

)

select * from final
