-- One row per fit period x customer: what an order of the customer is worth, and the second
-- moments of one order and of two. Where Gamma-Gamma is not fitted the shop's mean stands in, and
-- an order's value varies as much as its mean.
with

customers as (

    select
        fit_period,
        customer_id,
        cast(repeat_purchases as {{ dbt.type_float() }}) as x,
        coalesce(mean_repeat_value, 0) as z
    from {{ ref('int_customer_purchase_history') }}

),

fits as (

    select
        fit_period,
        p,
        q,
        v,
        mean_order_value,
        is_fitted
    from {{ ref('clv_model_fit') }}
    where model = 'gamma_gamma'

),

-- Under Gamma-Gamma the mean order value of a customer is p times an inverse gamma variable with
-- shape p x + q and scale v + x z. With shape below 2.1 second moments would be next to infinite
-- and are held there.
customers_shaped as (

    select
        customers.fit_period,
        customers.customer_id,
        fits.p,
        fits.p * customers.x + fits.q as shape,
        fits.v + customers.x * customers.z as scale,
        fits.mean_order_value,
        fits.is_fitted
    from customers
    inner join fits on customers.fit_period = fits.fit_period

),

final as (

    select
        fit_period,
        customer_id,
        case when is_fitted then p * scale / (shape - 1) else mean_order_value end as order_value,
        case
            when is_fitted
                then
                    p * (p + 1) * power(scale, 2)
                    / ((shape - 1) * greatest(shape - 2, 0.1))
            else 2 * power(mean_order_value, 2)
        end as order_value_square,
        case
            when is_fitted
                then p * p * power(scale, 2) / ((shape - 1) * greatest(shape - 2, 0.1))
            else power(mean_order_value, 2)
        end as order_value_product
    from customers_shaped

)

select * from final
