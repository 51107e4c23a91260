{#-
    Fits every model to every fit period that has customers. Returns a list of {model, fit_period,
    status, is_fitted, steps, log_likelihood, parameters, deviations}; empty where the models are only
    compiled (dbt compile, docs generate, --empty), since the search reads the warehouse.
-#}
{% macro clv_fits() %}
    {%- set fits = [] -%}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry', 'show'] -%}
        {{ return(fits) }}
    {%- endif -%}
    {%- set populations = run_query(
        'select fit_period, repeat_customers, valued_customers, '
        ~ '-ln(greatest(mean_orders_per_day * ' ~ constant('clv_time_unit_days') ~ ', 1e-9)) as log_gap, '
        ~ 'ln(greatest(mean_order_value, 1e-9)) as log_value from ' ~ ref('int_clv_populations')
        ~ ' order by fit_period'
    ) -%}
    {%- for row in populations.rows -%}
        {%- set log_gap = row[3] | float | round(6) -%}
        {%- set log_value = row[4] | float | round(6) -%}
        {#- purchases start at r = a = b = 1 and the shop's mean rate, values at p = 2, q = 3 and its mean -#}
        {%- for model, start, identifying in [
            ('bg_nbd', [0.0, log_gap, 0.0, 0.0], row[1] | int),
            ('mbg_nbd', [0.0, log_gap, 0.0, 0.0], row[1] | int),
            ('gamma_gamma', [0.693147, 0.693147, log_value], row[2] | int),
        ] -%}
            {%- do fits.append(clv_fit(model, row[0], start, identifying)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(fits) }}
{% endmacro %}


{#- One fit; identifying is the number of customers that tell the model something. -#}
{% macro clv_fit(model, fit_period, start, identifying) %}
    {%- set fit = {
        'model': model, 'fit_period': fit_period, 'is_fitted': false, 'steps': 0,
        'log_likelihood': none, 'parameters': {}, 'deviations': {},
    } -%}
    {%- if identifying < constant('clv_min_repeat_customers') -%}
        {%- do fit.update({'status': 'not fitted: ' ~ (
            'nobody has bought again' if identifying == 0
            else 'only ' ~ identifying ~ ' repeat customers, constant clv_min_repeat_customers asks for '
            ~ constant('clv_min_repeat_customers')
        )}) -%}
        {{ return(fit) }}
    {%- endif -%}

    {%- set found = clv_search(model, fit_period, start) -%}
    {%- set fixed = [] -%}
    {%- set status = 'fitted' -%}
    {#-
        Customers who hardly ever leave tell a and b not apart. The likelihood then has no maximum, or one
        so flat that a or b may be seven times larger or smaller (two on the logarithm) within a standard
        error, and engines end at different points of it: hold drop-out at next to nothing.
    -#}
    {%- if model != 'gamma_gamma'
            and (found.outcome == 'edge' or (found.deviations and found.deviations[2:] | max > 2)) -%}
        {%- set fixed = [-14.0, 0.0] -%}
        {%- set found = clv_search(model, fit_period, start[:2], fixed) -%}
        {%- set status = 'fitted without drop-out: customers hardly ever leave, a and b are held' -%}
    {%- endif -%}
    {%- do fit.update({'steps': found.steps}) -%}
    {%- if found.outcome == 'edge' -%}
        {%- do fit.update({'status': 'not fitted: the likelihood has no maximum, customers differ too little'}) -%}
    {%- elif found.outcome == 'steps' -%}
        {%- do fit.update({'status': 'not fitted: no maximum within ' ~ found.steps ~ ' steps'}) -%}
    {%- elif found.deviations is none -%}
        {%- do fit.update({'status': 'not fitted: the data do not tell the parameters apart'}) -%}
    {%- else -%}
        {%- do fit.update({
            'status': status, 'is_fitted': true, 'log_likelihood': found.log_likelihood,
            'parameters': dict(zip(clv_parameters(model), found.point + fixed)),
            'deviations': dict(zip(clv_parameters(model), found.deviations)),
        }) -%}
    {%- endif -%}
    {{ return(fit) }}
{% endmacro %}
