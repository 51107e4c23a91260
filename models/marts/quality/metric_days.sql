-- One row per metric x day x dimension x value with anything to count: the daily figures that
-- anomalies watches, as a whole (dimension all) and in parts.
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

orders as (

    select
        order_id,
        session_id,
        country,
        case when region = 'Unknown' then country else region end as region,
        net_sales,
        order_date
    from {{ ref('fct_orders') }}
    where is_sale

),

sessions as (

    select
        session_id,
        channel,
        device,
        case when add_to_carts > 0 or is_converted then 1 else 0 end as carts,
        case when is_converted then 1 else 0 end as conversions,
        session_date
    from {{ ref('fct_sessions') }}

),

order_items as (

    select
        order_item_id,
        order_id,
        product_id,
        net_sales,
        order_date
    from {{ ref('fct_order_items') }}
    where is_sale

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

refunds as (

    select
        order_id,
        product_id,
        refunds as amount,
        movement_date as refund_date
    from {{ ref('fct_revenue_movements') }}
    where movement_type = 'refund'

),

rejected as (

    select
        entity,
        {{ rejected_row_date('entity', 'raw_row') }} as rejected_date
    from {{ ref('rejected_rows') }}

),

orders_with_session as (

    select
        orders.order_id,
        orders.country,
        orders.region,
        coalesce(sessions.channel, 'untracked') as channel,
        coalesce(sessions.device, 'untracked') as device,
        orders.net_sales,
        orders.order_date
    from orders
    left join sessions on orders.session_id = sessions.session_id

),

lines_with_category as (

    select
        order_items.order_item_id,
        order_items.order_id,
        order_items.product_id,
        products.category,
        order_items.net_sales,
        order_items.order_date
    from order_items
    inner join products on order_items.product_id = products.product_id

),

refunds_with_product as (

    select
        refunds.amount,
        refunds.refund_date,
        coalesce(products.category, 'Unknown') as category,
        coalesce(refunds.product_id, 'Unknown') as product_id,
        orders.country
    from refunds
    inner join orders on refunds.order_id = orders.order_id
    left join products on refunds.product_id = products.product_id

),

-- squares holds Σ x² of what the value is a sum of: with it the noise of the value can be told.
parts as (

    {%- for metric, rows, day, dimensions, value, base, squares in [
        (
            'revenue', 'orders_with_session', 'order_date',
            ['all', 'country', 'region', 'channel', 'device'],
            'sum(net_sales)', none, 'sum(net_sales * net_sales)',
        ),
        (
            'orders', 'orders_with_session', 'order_date',
            ['all', 'country', 'region', 'channel', 'device'],
            'count(*)', none, 'count(*)',
        ),
        (
            'revenue', 'lines_with_category', 'order_date', ['category', 'product_id'],
            'sum(net_sales)', none, 'sum(net_sales * net_sales)',
        ),
        (
            'orders', 'lines_with_category', 'order_date', ['category', 'product_id'],
            'count(distinct order_id)', none, 'count(distinct order_id)',
        ),
        (
            'conversion', 'sessions', 'session_date', ['all', 'channel', 'device'],
            'sum(conversions)', 'count(*)', none,
        ),
        (
            'cart_conversion', 'sessions', 'session_date', ['all', 'channel', 'device'],
            'sum(conversions)', 'sum(carts)', none,
        ),
        (
            'refunds', 'refunds_with_product', 'refund_date',
            ['all', 'category', 'product_id', 'country'],
            'sum(amount)', none, 'sum(amount * amount)',
        ),
        (
            'rejected_rows', 'rejected', 'rejected_date', ['all', 'entity'],
            'count(*)', none, 'count(*)',
        ),
    ] %}
    {%- set is_last_metric = loop.last %}
    {%- for dimension in dimensions %}
    select
        '{{ metric }}' as metric,
        {{ day }} as metric_date,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as dimension_value,
        cast({{ value }} as numeric(18, 2)) as value,
        cast({{ base or 'null' }} as bigint) as base,
        cast({{ squares or 'null' }} as {{ dbt.type_float() }}) as squares
    from {{ rows }}
    group by {{ day }}{{ ', ' ~ dimension if dimension != 'all' }}
    {{- '\n    having ' ~ base ~ ' > 0' if base }}
    {{- '\n    union all' if not (is_last_metric and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

final as (

    select
        -- identifiers
        parts.metric,
        parts.metric_date,
        parts.dimension,
        parts.dimension_value,

        -- measures
        parts.value,
        parts.base,
        parts.squares
    from parts
    inner join clock
        on parts.metric_date >= clock.first_order_date and parts.metric_date <= clock.as_of_date

)

select * from final
