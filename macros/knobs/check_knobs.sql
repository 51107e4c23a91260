{#-
    Stops a run before its first model when a knob of dbt_project.yml has a value outside its range.
    A new knob joins by one line here.
-#}
{% macro check_knobs() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set problems = [] -%}

    {%- for name, minimum, maximum in [
        ('kpi_period_days', 1, 3660),
        ('session_idle_minutes', 1, 1440),
        ('clv_time_unit_days', 1, 366),
        ('clv_min_repeat_customers', 2, 1000000),
        ('clv_exact_customers', 0, 1000000000),
        ('clv_group_days', 1, 31),
        ('clv_horizon_days', 1, 3650),
        ('ltv_payback_max_months', 1, 120),
    ] -%}
        {%- set value = var(name) -%}
        {%- if value is not integer or value is boolean or value < minimum or value > maximum -%}
            {%- do problems.append(
                name ~ ' must be a whole number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not ' ~ value | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, minimum, maximum in [
        ('clv_discount_rate', 0, 1),
        ('clv_interval_level', 0.5, 0.99),
        ('clv_low_risk_probability', 0, 1),
        ('clv_high_risk_probability', 0, 1),
        ('clv_lapse_probability', 0.01, 0.99),
    ] -%}
        {%- set value = var(name) -%}
        {%- if value is not number or value is boolean or value < minimum or value > maximum -%}
            {%- do problems.append(
                name ~ ' must be a number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not ' ~ value | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, is_optional in [
        ('as_of_date', true), ('clv_calibration_end_date', true),
        ('earliest_valid_date', false), ('latest_valid_date', false),
    ] -%}
        {%- if not (is_optional and not var(name)) and not is_iso_date(var(name)) -%}
            {%- do problems.append(name ~ ' must be a date YYYY-MM-DD, not ' ~ var(name) | string | tojson) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not problems and var('earliest_valid_date') | string > var('latest_valid_date') | string -%}
        {%- do problems.append('earliest_valid_date must not be after latest_valid_date') -%}
    {%- endif -%}
    {%- if not problems and var('clv_high_risk_probability') > var('clv_low_risk_probability') -%}
        {%- do problems.append('clv_high_risk_probability must not be above clv_low_risk_probability') -%}
    {%- endif -%}

    {%- for name in ['sale_statuses', 'paid_statuses'] -%}
        {%- if var(name) is string or var(name) is not sequence or not var(name) -%}
            {%- do problems.append(name ~ ' must be a list of at least one status, not ' ~ var(name) | tojson) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- set systems = ['seeds', 'landed'] + var('source_entities').keys() | list -%}
    {%- if var('source_system') not in systems -%}
        {%- do problems.append(
            'source_system must be one of ' ~ systems | join(', ') ~ ', not ' ~ var('source_system') | tojson
        ) -%}
    {%- elif var('source_system') != 'seeds' and target.type == 'duckdb' and not var('raw_path') -%}
        {%- do problems.append(
            'source_system ' ~ var('source_system') ~ ' reads files: set raw_path (make build RAW=…)'
        ) -%}
    {%- endif -%}

    {%- if problems -%}
        {{ exceptions.raise_compiler_error('Wrong knobs:\n  ' ~ problems | join('\n  ')) }}
    {%- endif -%}
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
