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

    {%- for dimension in ['all', 'country', 'region', 'channel', 'device'] %}
    select
        'revenue' as metric,
        order_date as metric_date,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as dimension_value,
        sum(net_sales) as value,
        cast(null as bigint) as base,
        sum(net_sales * net_sales) as squares
    from orders_with_session
    group by order_date{{ ', ' ~ dimension if dimension != 'all' }}
    union all
    select
        'orders' as metric,
        order_date as metric_date,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as dimension_value,
        count(*) as value,
        null as base,
        count(*) as squares
    from orders_with_session
    group by order_date{{ ', ' ~ dimension if dimension != 'all' }}
    union all
    {%- endfor %}
    {%- for dimension in ['category', 'product_id'] %}
    select
        'revenue' as metric,
        order_date as metric_date,
        '{{ dimension }}' as dimension,
        {{ dimension }} as dimension_value,
        sum(net_sales) as value,
        null as base,
        sum(net_sales * net_sales) as squares
    from lines_with_category
    group by order_date, {{ dimension }}
    union all
    select
        'orders' as metric,
        order_date as metric_date,
        '{{ dimension }}' as dimension,
        {{ dimension }} as dimension_value,
        count(distinct order_id) as value,
        null as base,
        count(distinct order_id) as squares
    from lines_with_category
    group by order_date, {{ dimension }}
    union all
    {%- endfor %}
    {%- for dimension in ['all', 'channel', 'device'] %}
    {%- for metric, base in {'conversion': 'count(*)', 'cart_conversion': 'sum(carts)'}.items() %}
    select
        '{{ metric }}' as metric,
        session_date as metric_date,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as dimension_value,
        sum(conversions) as value,
        {{ base }} as base,
        null as squares
    from sessions
    group by session_date{{ ', ' ~ dimension if dimension != 'all' }}
    having {{ base }} > 0
    union all
    {%- endfor %}
    {%- endfor %}
    {%- for dimension in ['all', 'category', 'product_id', 'country'] %}
    select
        'refunds' as metric,
        refund_date as metric_date,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as dimension_value,
        sum(amount) as value,
        null as base,
        sum(amount * amount) as squares
    from refunds_with_product
    group by refund_date{{ ', ' ~ dimension if dimension != 'all' }}
    union all
    {%- endfor %}
    {%- for dimension in ['all', 'entity'] %}
    select
        'rejected_rows' as metric,
        rejected_date as metric_date,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as dimension_value,
        count(*) as value,
        null as base,
        count(*) as squares
    from rejected
    where rejected_date is not null
    group by rejected_date{{ ', ' ~ dimension if dimension != 'all' }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        parts.metric,
        parts.dimension,
        parts.dimension_value,
        cast(parts.value as numeric(18, 2)) as value,
        cast(parts.base as bigint) as base,
        cast(parts.squares as {{ dbt.type_float() }}) as squares,
        parts.metric_date
    from parts
    inner join clock
        on parts.metric_date >= clock.first_order_date and parts.metric_date <= clock.as_of_date

)

select * from final
