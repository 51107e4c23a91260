{#-
    A query that gives the log-likelihood of many candidate parameters at once, a row per candidate in
    order. What depends on the number of purchases alone (the gamma functions) is computed once per
    number, the rest once per group. Parameters are given as logarithms.
    BG/NBD: Fader, Hardie & Lee (2005), eq. 6. MBG/NBD: Batislam, Denizel & Filiztekin (2007).
    Gamma-Gamma: Fader & Hardie (2013), eq. 1a.
-#}
{% macro clv_log_likelihoods(model, fit_period, candidates) %}
    {%- set parameters = clv_parameters(model) -%}
    {%- set groups = ref('int_clv_value_groups') if model == 'gamma_gamma' else ref('int_clv_purchase_groups') -%}
with

candidates as (

    select
        candidate
        {%- for parameter in parameters %},
        {{ '1 + ' if parameter == 'q' }}exp(cast(log_{{ parameter }} as {{ dbt.type_float() }})) as {{ parameter }}
        {%- endfor %}
    from (values
        {%- for candidate in candidates %}
        ({{ loop.index0 }}, {{ candidate | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as logarithms (candidate, log_{{ parameters | join(', log_') }})

),

groups as (

    select
        cast(repeat_purchases as {{ dbt.type_float() }}) as x,
        cast(customers as {{ dbt.type_float() }}) as customers,
        {%- if model == 'gamma_gamma' %}
        mean_repeat_value as z,
        log_mean_repeat_value as log_z
        {%- else %}
        recency as t_x,
        age as t
        {%- endif %}
    from {{ groups }}
    where fit_period = '{{ fit_period }}'

),

frequencies as (

    select
        x,
        sum(customers) as customers
        {%- if model == 'gamma_gamma' %},
        {{ exact_sum('log_z') }} as log_z
        {%- endif %}
    from groups
    group by x

),

parts as (

    select
        candidates.candidate,
        {%- if model == 'gamma_gamma' %}
        frequencies.customers * (
            {{ log_gamma('p * x + q') }} - {{ log_gamma('p * x') }} - {{ log_gamma('q') }}
            + q * ln(v) + p * x * ln(x)
        ) + (p * x - 1) * frequencies.log_z as log_likelihood
        {%- else %}
        {%- set dropouts = 'b + x + 1' if model == 'mbg_nbd' else 'b + x' %}
        frequencies.customers * (
            {{ log_gamma('r + x') }} - {{ log_gamma('r') }} + r * ln(alpha)
            + {{ log_gamma('a + b') }} + {{ log_gamma(dropouts) }}
            - {{ log_gamma('b') }} - {{ log_gamma('a + ' ~ dropouts) }}
        ) as log_likelihood
        {%- endif %}
    from candidates
    cross join frequencies
    union all
    select
        candidates.candidate,
        {%- if model == 'gamma_gamma' %}
        -groups.customers * (p * x + q) * ln(x * z + v) as log_likelihood
        {%- else %}
        groups.customers * (
            -(r + x) * ln(alpha + t)
            -- P(alive) is 1 / (1 + odds): this is -ln P(alive)
            + case
                when x > 0 or {{ 'true' if model == 'mbg_nbd' else 'false' }}
                    then greatest({{ clv_log_odds(model) }}, 0)
                        + ln(1 + {{ safe_exp('-abs(' ~ clv_log_odds(model) ~ ')') }})
                else 0
            end
        ) as log_likelihood
        {%- endif %}
    from candidates
    cross join groups

)

select
    candidate,
    {{ exact_sum('log_likelihood', 12) }} as log_likelihood
from parts
group by candidate
order by candidate
{% endmacro %}


{#- The parameters of a model, in the order of its papers. -#}
{% macro clv_parameters(model) %}
    {{ return(['p', 'q', 'v'] if model == 'gamma_gamma' else ['r', 'alpha', 'a', 'b']) }}
{% endmacro %}


{#-
    The logarithm of the odds that a customer has dropped out, of columns x, t_x, t, r, alpha, a, b. Under
    BG/NBD a customer with x = 0 cannot have dropped out: the caller gives that case its own branch.
-#}
{% macro clv_log_odds(model) -%}
    {%- if model == 'mbg_nbd' -%}
    (ln(a / (b + x)) + (r + x) * ln((alpha + t) / (alpha + t_x)))
    {%- else -%}
    (ln(a / (b + greatest(x, 1) - 1)) + (r + x) * ln((alpha + t) / (alpha + t_x)))
    {%- endif -%}
{%- endmacro %}


{#- The probability that a customer is alive, above 0 and at most 1; columns as for clv_log_odds. -#}
{% macro clv_probability_alive(model) -%}
    {%- if model == 'mbg_nbd' -%}
    1 / (1 + {{ safe_exp(clv_log_odds(model)) }})
    {%- else -%}
    case when x = 0 then 1 else 1 / (1 + {{ safe_exp(clv_log_odds(model)) }}) end
    {%- endif -%}
{%- endmacro %}
