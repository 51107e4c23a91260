-- One row per fit period x purchase model x customer: the probability that the customer has not
-- left for good. No row where the model is not fitted.
with

customers as (

    select
        fit_period,
        customer_id,
        cast(repeat_purchases as double precision) as x,
        recency as t_x,
        age as t
    from {{ ref('int_customer_purchase_history') }}

),

fits as (

    select
        fit_period,
        model,
        r,
        alpha,
        a,
        b
    from {{ ref('clv_model_fit') }}
    where is_fitted and model in ('bg_nbd', 'mbg_nbd')

),

final as (

    select
        fits.fit_period,
        fits.model,
        customers.customer_id,
        case
            when fits.model = 'mbg_nbd' then {{ clv_probability_alive('mbg_nbd') }}
            else {{ clv_probability_alive('bg_nbd') }}
        end as probability_alive
    from customers
    inner join fits on customers.fit_period = fits.fit_period

)

select * from final
