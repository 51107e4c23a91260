{#-
    Stops a run before its first model when a knob of dbt_project.yml has a value outside its range,
    and names every wrong one. A new knob joins by one line here.
-#}
{% macro check_knobs() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set problems = [] -%}

    {%- for name, minimum, maximum in [
        ('kpi_period_days', 1, 3660),
        ('session_idle_minutes', 1, 1440),
        ('churn_days', 31, 3660),
        ('coupon_repeat_days', 1, 3660),
        ('seasonality_peak_percent', 1, 1000),
        ('seasonality_outlier_ratio', 2, 1000),
        ('forecast_horizon_months', 1, 24),
        ('forecast_folds', 1, 60),
        ('clv_horizon_days', 1, 3650),
        ('basket_min_count', 2, 1000000),
        ('basket_max_items', 2, 10000),
        ('basket_window_days', 0, 36600),
        ('recommendations_per_customer', 1, 100),
        ('recommendations_per_product', 1, 100),
        ('recommendation_discontinued_days', 1, 36600),
        ('recommendation_demand_half_days', 1, 36600),
        ('product_period_days', 1, 3660),
        ('demand_window_days', 7, 3660),
        ('default_lead_time_days', 0, 365),
        ('order_cover_days', 1, 730),
        ('overstock_days', 1, 3660),
        ('dead_stock_days', 1, 3660),
        ('funnel_window_minutes', 1, 10080),
        ('cart_recovery_days', 1, 90),
        ('attribution_window_days', 1, 365),
        ('anomaly_window_days', 14, 180),
    ] -%}
        {%- if not is_number_within(var(name), minimum, maximum, true) -%}
            {%- do problems.append(
                name ~ ' must be a whole number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not '
                ~ var(name) | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, minimum, maximum in [
        ('clv_discount_rate', 0, 1),
        ('clv_interval_level', 0.5, 0.99),
        ('clv_low_risk_probability', 0, 1),
        ('clv_high_risk_probability', 0, 1),
        ('basket_min_support', 0, 1),
        ('basket_min_confidence', 0, 1),
        ('basket_min_lift', 0, 1000),
        ('substitute_price_tolerance', 0, 10),
        ('service_level', 0.5, 0.9999),
        ('anomaly_threshold', 2, 20),
    ] -%}
        {%- if not is_number_within(var(name), minimum, maximum, false) -%}
            {%- do problems.append(
                name ~ ' must be a number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not '
                ~ var(name) | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {#- name, how many numbers (none: at least one), range, whether they are whole -#}
    {%- for name, length, minimum, maximum, is_whole in [
        ('customer_tier_orders', 2, 2, 1000000, true),
        ('value_segment_revenue', 2, 0, 1000000000, false),
        ('customer_status_days', 3, 0, 3660, true),
        ('recency_segment_days', 2, 0, 3660, true),
        ('rfm_recency_cut_points', 4, 0, 3660, true),
        ('rfm_frequency_cut_points', 4, 1, 1000000, true),
        ('rfm_monetary_cut_points', 4, 0, 1000000000, false),
        ('value_window_days', none, 1, 3660, true),
        ('abc_shares', 2, 0, 1, false),
        ('performance_shares', 3, 0, 1, false),
        ('xyz_deviations', 2, 0, 10, false),
    ] -%}
        {%- set numbers = var(name) -%}
        {%- if not is_ascending(numbers, minimum, maximum, is_whole)
                or numbers | length != (length or numbers | length) -%}
            {%- do problems.append(
                name ~ ' must be a list of ' ~ (length ~ ' ' if length) ~ 'ascending '
                ~ ('whole ' if is_whole) ~ 'numbers from ' ~ minimum ~ ' to ' ~ maximum
                ~ ', not ' ~ numbers | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, choices in [
        ('source_system', ['seeds', 'landed'] + var('source_entities').keys() | list),
        ('rfm_method', ['quantiles', 'fixed']),
        ('cohort_period', ['week', 'month', 'quarter']),
        ('basket_item_level', ['product', 'subcategory', 'category']),
        ('funnel_mode', ['ordered', 'strict', 'any_order']),
        ('funnel_exclusion_event', ['', 'page_view', 'remove_from_cart']),
    ] -%}
        {%- if var(name) not in choices -%}
            {%- do problems.append(
                name ~ ' must be one of ' ~ choices | join(', ') ~ ', not ' ~ var(name) | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, minimum_length in [
        ('sale_statuses', 1),
        ('paid_statuses', 1),
        ('open_ticket_statuses', 1),
        ('non_product_categories', 0),
        ('recommendation_repeatable_categories', 0),
    ] -%}
        {%- if var(name) is string or var(name) is not sequence or var(name) | length < minimum_length -%}
            {%- do problems.append(
                name ~ ' must be a list' ~ (' of at least one text' if minimum_length) ~ ', not '
                ~ var(name) | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, is_optional in [
        ('as_of_date', true),
        ('clv_calibration_end_date', true),
        ('earliest_valid_date', false),
        ('latest_valid_date', false),
    ] -%}
        {%- if not (is_optional and not var(name)) and not is_iso_date(var(name)) -%}
            {%- do problems.append(name ~ ' must be a date YYYY-MM-DD, not ' ~ var(name) | string | tojson) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- if not problems -%}
        {%- if var('earliest_valid_date') | string > var('latest_valid_date') | string -%}
            {%- do problems.append('earliest_valid_date must not be after latest_valid_date') -%}
        {%- endif -%}
        {%- if var('clv_high_risk_probability') > var('clv_low_risk_probability') -%}
            {%- do problems.append(
                'clv_high_risk_probability must not be above clv_low_risk_probability'
            ) -%}
        {%- endif -%}
        {%- if var('source_system') != 'seeds' and reads_files() and not var('raw_path') -%}
            {%- do problems.append(
                'source_system ' ~ var('source_system') ~ ' reads files: set raw_path (make build RAW=…)'
            ) -%}
        {%- endif -%}
    {%- endif -%}

    {%- if problems -%}
        {{ exceptions.raise_compiler_error('Wrong knobs:\n  ' ~ problems | join('\n  ')) }}
    {%- endif -%}
{% endmacro %}


{% macro is_number_within(value, minimum, maximum, is_whole) %}
    {{ return(
        value is number and value is not boolean and (value is integer or not is_whole)
        and minimum <= value <= maximum
    ) }}
{% endmacro %}


{% macro is_ascending(values, minimum, maximum, is_whole) %}
    {%- if values is string or values is mapping or values is not sequence or not values -%}
        {{ return(false) }}
    {%- endif -%}
    {%- for value in values -%}
        {%- if not is_number_within(value, minimum, maximum, is_whole)
                or (not loop.first and value <= values[loop.index0 - 1]) -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{% endmacro %}


{% macro is_iso_date(value) %}
    {%- set text = value | string -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', text) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int -%}
    {%- set is_leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 -%}
    {%- set days = [31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {{ return(year > 0 and 1 <= month <= 12 and 1 <= day <= days[month - 1]) }}
{% endmacro %}
