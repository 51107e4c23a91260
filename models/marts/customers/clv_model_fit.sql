-- One row per customer lifetime value model x fit period: its maximum-likelihood parameters, how
-- the search for them went, and the averages used in its place where it could not be fitted. The
-- search runs when the model is built: see macros/clv and docs/customer_lifetime_value.md.
-- depends_on: {{ ref('int_clv_purchase_groups') }}
-- depends_on: {{ ref('int_clv_value_groups') }}
{%- set parameters = ['r', 'alpha', 'a', 'b', 'p', 'q', 'v'] %}
{%- set fits = clv_fits() %}
with

fits as (

    {%- for fit in fits or [{'parameters': {}, 'deviations': {}}] %}
    select
        {%- for column in ['model', 'fit_period', 'status'] %}
        cast({{ quoted_list([fit[column]]) if fit.model else 'null' }} as {{ dbt.type_string() }})
            as {{ column }},
        {%- endfor %}
        {%- for parameter in parameters %}
        {{ '1 + ' if parameter == 'q' }}exp(
            cast({{ fit.parameters.get(parameter, 'null') }} as {{ dbt.type_float() }})
        ) as {{ parameter }},
        cast({{ fit.deviations.get(parameter, 'null') }} as {{ dbt.type_float() }})
            as log_{{ parameter }}_deviation,
        {%- endfor %}
        cast({{ fit.log_likelihood or 'null' }} as {{ dbt.type_float() }}) as log_likelihood,
        cast({{ fit.steps or 0 }} as bigint) as search_steps,
        {{ 'true' if fit.is_fitted else 'false' }} as is_fitted
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

populations as (

    select
        fit_period,
        customers,
        repeat_customers,
        valued_customers,
        mean_orders_per_day,
        mean_order_value,
        mean_probability_alive
    from {{ ref('int_clv_populations') }}

),

periods as (

    select
        fit_period,
        period_end_date
    from {{ ref('int_clv_periods') }}

),

final as (

    select
        -- identifiers
        fits.model,
        fits.fit_period,

        -- dimensions
        fits.status,

        -- measures
        populations.customers,
        case
            when fits.model = 'gamma_gamma' then populations.valued_customers
            else populations.repeat_customers
        end as repeat_customers
        {%- for parameter in parameters %},
        fits.{{ parameter }}
        {%- endfor %}
        {%- for parameter in parameters %},
        {{ '(fits.q - 1)' if parameter == 'q' else 'fits.' ~ parameter }}
        * fits.log_{{ parameter }}_deviation as {{ parameter }}_standard_error
        {%- endfor %},
        fits.log_likelihood,
        fits.search_steps,
        populations.mean_orders_per_day,
        populations.mean_order_value,
        populations.mean_probability_alive,

        -- metadata
        fits.is_fitted,
        fits.log_a_deviation is not null as is_dropout_fitted,
        periods.period_end_date
    from fits
    inner join populations on fits.fit_period = populations.fit_period
    inner join periods on fits.fit_period = periods.fit_period

)

select * from final
