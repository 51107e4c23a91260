{#-
    Looks up where an entity's rows are. Returns
      reader   what to select from, none where the entity is absent
      columns  contract column -> the name it has in the source
      problems messages for what is missing and required
-#}
{% macro find_raw(entity, relation) %}
    {%- set contract = raw_contract(entity) -%}
    {%- set required = contract.columns.items() | selectattr('1.is_required') | map('first') | list -%}
    {%- set name = 'raw_' ~ entity -%}

    {%- if relation is none -%}
        {{ return({'reader': none, 'columns': {}, 'problems': []}) }}
    {%- elif var('source_system') == 'landed' -%}
        {%- set landed = find_landed(name, relation) -%}
        {%- if landed.reader -%}
            {{ return(find_columns(name, landed.reader, landed.place, required)) }}
        {%- endif -%}
        {%- set problem -%}
            {{ name }}: this table is required and was not found in {{ landed.place }}. Expected {{ landed.expected }} with the columns {{ contract.columns.keys() | join(', ') }}.
        {%- endset -%}
        {{ return({'reader': none, 'columns': {}, 'problems': [problem] if contract.is_required else []}) }}
    {%- elif relation.type == 'cte' or load_relation(relation) is none -%}
        {#- the fixture of a unit test, or a seed or model that a later step of this run creates -#}
        {%- set columns = dict(zip(contract.columns, contract.columns)) -%}
        {{ return({'reader': relation, 'columns': columns, 'problems': []}) }}
    {%- endif -%}
    {{ return(find_columns(name, relation, relation, required)) }}
{% endmacro %}


{#- The columns of a relation or file reader by trimmed lower-case name, and messages for missing ones. -#}
{% macro find_columns(name, reader, place, required) %}
    {%- set names = column_names(reader, place) -%}
    {%- if names is none -%}
        {{ return({'reader': none, 'columns': {}, 'problems': [name ~ ': the file is empty: ' ~ place]}) }}
    {%- endif -%}
    {%- set found = {'reader': reader, 'columns': {}, 'problems': []} -%}
    {%- for column in names -%}
        {%- do found.columns.update({column | trim | lower: column}) -%}
    {%- endfor -%}
    {%- for column in required if column not in found.columns -%}
        {%- do found.problems.append(
            name ~ ': the required column ' ~ column ~ ' is missing in ' ~ place
            ~ '. Found: ' ~ (names | join(', ') or 'no columns') ~ '.'
        ) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{#-
    Where a table of the raw contract landed: reader, none where it did not; place, where it is or was
    looked for; expected, what should be there.
-#}
{% macro find_landed(name, relation) %}
    {{ return(adapter.dispatch('find_landed')(name, relation)) }}
{% endmacro %}

{% macro default__find_landed(name, relation) %} {{ not_written('find_landed') }} {% endmacro %}

{#- A file below raw_path, or the pattern of its parts; Parquet before CSV. -#}
{% macro duckdb__find_landed(name, relation) %}
    {%- for ending in ['.parquet', '/*.parquet', '.csv', '.csv.gz'] -%}
        {%- set path = var('raw_path') | string ~ '/' ~ name ~ ending -%}
        {%- set file = duckdb__file_literal(path) -%}
        {%- if run_query('select file from glob(' ~ file ~ ') limit 1') | length > 0 -%}
            {{ return({'reader': duckdb__file_reader(path), 'place': path}) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return({
        'reader': none, 'place': var('raw_path'), 'expected': name ~ '.parquet or ' ~ name ~ '.csv',
    }) }}
{% endmacro %}

{% macro postgres__find_landed(name, relation) %}
    {{ return({'reader': load_relation(relation), 'place': relation, 'expected': 'a table'}) }}
{% endmacro %}

{% macro spark__find_landed(name, relation) %}
    {{ return({'reader': load_relation(relation), 'place': relation, 'expected': 'a table'}) }}
{% endmacro %}


{#- Where the one table of a source system with its own models is, as for find_landed. -#}
{% macro find_source(relation) %}
    {{ return(adapter.dispatch('find_source')(relation)) }}
{% endmacro %}

{% macro default__find_source(relation) %} {{ not_written('find_source') }} {% endmacro %}

{% macro duckdb__find_source(relation) %}
    {{ return({'reader': duckdb__file_reader(var('raw_path')), 'place': var('raw_path')}) }}
{% endmacro %}

{% macro postgres__find_source(relation) %}
    {{ return({'reader': relation, 'place': relation}) }}
{% endmacro %}

{% macro spark__find_source(relation) %}
    {{ return({'reader': relation, 'place': relation}) }}
{% endmacro %}


{#- The names of the columns of a relation or file reader; none where a file holds nothing at all. -#}
{% macro column_names(reader, place) %}
    {{ return(adapter.dispatch('column_names')(reader, place)) }}
{% endmacro %}

{% macro default__column_names(reader, place) %} {{ not_written('column_names') }} {% endmacro %}

{% macro duckdb__column_names(reader, place) %}
    {%- if reader is not string -%}
        {{ return(adapter.get_columns_in_relation(reader) | map(attribute='name') | list) }}
    {%- endif -%}
    {%- set sizes = run_query('select size from read_blob(' ~ duckdb__file_literal(place) ~ ')') -%}
    {%- if sizes.columns[0].values()[0] == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(run_query('describe select * from ' ~ reader).columns[0].values() | list) }}
{% endmacro %}

{% macro postgres__column_names(reader, place) %}
    {{ return(adapter.get_columns_in_relation(reader) | map(attribute='name') | list) }}
{% endmacro %}

{% macro spark__column_names(reader, place) %}
    {{ return(adapter.get_columns_in_relation(reader) | map(attribute='name') | list) }}
{% endmacro %}


{#-
    DuckDB's reader for a file. CSV columns stay text: staging decides what a value means. Only the
    delimiter of a CSV file is sniffed (make build lands files and leaves nothing to the sniffer), and
    names of folders are no columns.
-#}
{% macro duckdb__file_reader(path) %}
    {%- if path.endswith('.parquet') -%}
        {{ return(
            'read_parquet(' ~ duckdb__file_literal(path) ~ ', union_by_name = true, hive_partitioning = false)'
        ) }}
    {%- endif -%}
    {#- 64 MB lines: a review may hold a novel. -#}
    {{ return(
        'read_csv(' ~ duckdb__file_literal(path) ~ ", all_varchar = true, header = true, skip = 0, quote = '\"', "
        ~ "escape = '\"', comment = '', hive_partitioning = false, max_line_size = 67108864)"
    ) }}
{% endmacro %}


{#-
    A path as text in SQL: what DuckDB would take for a pattern stands for itself, but in URLs and in a
    last *.parquet.
-#}
{% macro duckdb__file_literal(path) %}
    {%- set plain = path | string -%}
    {%- set parts = '*.parquet' if plain.endswith('/*.parquet') else '' -%}
    {%- if '://' not in plain -%}
        {%- set plain = plain[:plain | length - parts | length]
            | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]') ~ parts -%}
    {%- endif -%}
    {{ return("'" ~ plain | replace("'", "''") ~ "'") }}
{% endmacro %}
