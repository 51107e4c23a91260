{#-
    CTEs that end in orders_if_alive: for every row of a CTE `cells` the orders expected within its
    horizon of a customer who is alive now, and the expected number of ordered pairs of different
    orders, from which the variance follows.

    cells: fit_period, model, horizon_name, repeat_purchases, age, horizon (time in the models' unit), r, alpha,
    a, b.

    An alive customer's purchase rate is Gamma(r + x, alpha + T) and the drop-out probability p
    Beta(a, b + x), b + x + 1 under MBG/NBD, independent of each other. Given p the expectation is
    (1 - ((alpha + T) / (alpha + T + p t))^(r + x)) / p; it is averaged over p by the trapezoid rule
    at 73 nodes on the logit of p, spread by sinh so that they reach far into both tails. This equals
    the papers' Gauss hypergeometric expression to six digits, but has no series that stops
    converging, no difference of large numbers and no hole at a = 1.
-#}
{% macro clv_orders_if_alive(cells) -%}
beliefs as (

    select distinct
        fit_period,
        model,
        repeat_purchases,
        a,
        b + repeat_purchases + case when model = 'mbg_nbd' then 1 else 0 end as b
    from {{ cells }}

),

nodes as (

    select
        cast(spread as {{ dbt.type_float() }}) as spread,
        cast(density as {{ dbt.type_float() }}) as density
    from (values
        {%- set e = 2.718281828459045 %}
        {%- for node in range(-36, 37) %}
        ({{ ((e ** (node / 8)) - (e ** (-node / 8))) / 2 }}, {{ ((e ** (node / 8)) + (e ** (-node / 8))) / 2 }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as hyperbolic (spread, density)

),

nodes_placed as (

    select
        beliefs.fit_period,
        beliefs.model,
        beliefs.repeat_purchases,
        beliefs.a,
        beliefs.b,
        nodes.density,
        ln(beliefs.a / beliefs.b) + sqrt(1 / beliefs.a + 1 / beliefs.b) * nodes.spread as logit
    from beliefs
    cross join nodes

),

nodes_measured as (

    select
        fit_period,
        model,
        repeat_purchases,
        a,
        b,
        density,
        logit,
        least(logit, 0) - ln(1 + {{ safe_exp('-abs(logit)') }}) as log_p
    from nodes_placed

),

nodes_weighed as (

    select
        fit_period,
        model,
        repeat_purchases,
        density,
        {{ safe_exp('log_p') }} as p,
        a * (log_p - ln(a / (a + b))) + b * (log_p - logit - ln(b / (a + b))) as log_weight
    from nodes_measured

),

-- A node this light adds nothing to the sixteenth digit.
nodes_normalised as (

    select
        fit_period,
        model,
        repeat_purchases,
        p,
        exp(log_weight) * density / {{ exact_sum(
            'exp(log_weight) * density', 30, 'partition by fit_period, model, repeat_purchases'
        ) }} as weight
    from nodes_weighed
    where log_weight > -60

),

cells_shaped as (

    select
        fit_period,
        model,
        horizon_name,
        repeat_purchases,
        age,
        r + repeat_purchases as shape,
        horizon / (alpha + age) as reach
    from {{ cells }}

),

-- Where 1 - w would lose digits its series takes over.
orders_at_nodes as (

    select
        cells_shaped.fit_period,
        cells_shaped.model,
        cells_shaped.horizon_name,
        cells_shaped.repeat_purchases,
        cells_shaped.age,
        cells_shaped.shape,
        cells_shaped.reach,
        nodes_normalised.weight,
        nodes_normalised.p,
        nodes_normalised.p * cells_shaped.shape * cells_shaped.reach as hazard,
        {{ safe_exp(
            '-cells_shaped.shape * ln(1 + nodes_normalised.p * cells_shaped.reach)'
        ) }} as w
    from cells_shaped
    inner join nodes_normalised
        on
            cells_shaped.fit_period = nodes_normalised.fit_period
            and cells_shaped.model = nodes_normalised.model
            and cells_shaped.repeat_purchases = nodes_normalised.repeat_purchases

),

orders_if_alive as (

    select
        fit_period,
        model,
        horizon_name,
        repeat_purchases,
        age,
        {{ exact_sum(
            'weight * case
                when hazard < 1e-5 then shape * reach * (1 - (shape + 1) * p * reach / 2)
                else (1 - w) / p
            end', 20
        ) }} as orders,
        {{ exact_sum(
            'weight * (1 - p) * case
                when hazard < 1e-3
                    then
                        shape * (shape + 1) * power(reach, 2)
                        * (1 - (shape + 2) * p * reach * 2 / 3)
                else 2 * (1 - w - hazard / (1 + p * reach) * w) / power(p, 2)
            end', 20
        ) }} as order_pairs
    from orders_at_nodes
    group by fit_period, model, horizon_name, repeat_purchases, age

)
{%- endmacro %}
