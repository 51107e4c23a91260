-- One row per order, whatever became of it.
with

base_orders as (

    select * from {{ ref('base_orders') }}
    where rejection_reason is null

),

order_statuses as (

    select
        raw_status,
        order_status
    from {{ ref('ref_order_statuses') }}

),

countries as (

    select
        raw_country,
        country
    from {{ ref('ref_countries') }}

),

orders_coded as (

    select
        base_orders.order_id,
        base_orders.customer_id,
        base_orders.session_id,
        coalesce(
            order_statuses.order_status,
            {{ as_code('base_orders.status') }},
            '{{ var("missing_order_status") }}'
        ) as status,
        upper(base_orders.coupon_code) as coupon_code,
        coalesce(countries.country, base_orders.shipping_country) as country,
        base_orders.shipping_region as region,
        base_orders.shipping_city as city,
        base_orders.shipping_amount,
        base_orders.tax_amount,
        base_orders.total_amount,
        base_orders.invalid_columns,
        (base_orders.status is null or order_statuses.raw_status is not null) as is_status_mapped,
        (
            base_orders.shipping_country is null or countries.raw_country is not null
        ) as is_country_mapped,
        base_orders.ordered_at,
        base_orders.updated_at
    from base_orders
    left join order_statuses on {{ match_key('base_orders.status') }} = order_statuses.raw_status
    left join countries on {{ match_key('base_orders.shipping_country') }} = countries.raw_country

),

final as (

    select
        -- identifiers
        order_id,
        customer_id,
        session_id,

        -- dimensions
        status,
        coupon_code,
        country,
        region,
        city,

        -- measures
        shipping_amount,
        tax_amount,
        total_amount,

        -- metadata
        invalid_columns,
        status in ({{ quoted_list(var('sale_statuses')) }}) as is_sale,
        is_status_mapped,
        is_country_mapped,
        ordered_at,
        updated_at
    from orders_coded

)

select * from final
