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
        {%- set file = landed_file(entity) if target.type == 'duckdb' -%}
        {%- set reader = file_reader(file) if file else load_relation(relation) if target.type != 'duckdb' -%}
        {%- if reader -%}
            {{ return(find_columns(name, reader, file or relation, required)) }}
        {%- endif -%}
        {%- set problem -%}
            {{ name }}: this table is required and was not found in {{ var('raw_path') if target.type == 'duckdb' else relation }}. Expected {{ name ~ '.parquet or ' ~ name ~ '.csv' if target.type == 'duckdb' else 'a table' }} with the columns {{ contract.columns.keys() | join(', ') }}.
        {%- endset -%}
        {{ return({'reader': none, 'columns': {}, 'problems': [problem] if contract.is_required else []}) }}
    {%- elif relation.type == 'cte' or load_relation(relation) is none -%}
        {#- the fixture of a unit test, or a seed or model that a later step of this run creates -#}
        {%- set columns = dict(contract.columns.keys() | map('string') | zip(contract.columns.keys())) -%}
        {{ return({'reader': relation, 'columns': columns, 'problems': []}) }}
    {%- endif -%}
    {{ return(find_columns(name, relation, relation, required)) }}
{% endmacro %}


{#- The columns of a relation or file reader by trimmed lower-case name, and messages for missing ones. -#}
{% macro find_columns(name, reader, place, required) %}
    {%- if reader is string -%}
        {%- if run_query('select size from read_blob(' ~ file_literal(place) ~ ')').columns[0].values()[0] == 0 -%}
            {{ return({'reader': none, 'columns': {}, 'problems': [name ~ ': the file is empty: ' ~ place]}) }}
        {%- endif -%}
        {%- set names = run_query('describe select * from ' ~ reader).columns[0].values() -%}
    {%- else -%}
        {%- set names = adapter.get_columns_in_relation(reader) | map(attribute='name') | list -%}
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
    The landed file of an entity below raw_path, or the pattern of its parts; Parquet before CSV; none
    where there is neither.
-#}
{% macro landed_file(entity) %}
    {%- for ending in ['.parquet', '/*.parquet', '.csv', '.csv.gz'] -%}
        {%- set path = var('raw_path') | string ~ '/raw_' ~ entity ~ ending -%}
        {%- if run_query('select file from glob(' ~ file_literal(path) ~ ') limit 1') | length > 0 -%}
            {{ return(path) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}


{#-
    DuckDB's reader for a file. CSV columns stay text: staging decides what a value means. Only the
    delimiter of a CSV file is sniffed (make build lands files and leaves nothing to the sniffer), and
    names of folders are no columns.
-#}
{% macro file_reader(path) %}
    {%- if path.endswith('.parquet') -%}
        {{ return(
            'read_parquet(' ~ file_literal(path) ~ ', union_by_name = true, hive_partitioning = false)'
        ) }}
    {%- endif -%}
    {#- 64 MB lines: a review may hold a novel. -#}
    {{ return(
        'read_csv(' ~ file_literal(path) ~ ", all_varchar = true, header = true, skip = 0, quote = '\"', "
        ~ "escape = '\"', comment = '', hive_partitioning = false, max_line_size = 67108864)"
    ) }}
{% endmacro %}


{#-
    A path as text in SQL: what DuckDB would take for a pattern stands for itself, but in URLs and in a
    last *.parquet.
-#}
{% macro file_literal(path) %}
    {%- set plain = path | string -%}
    {%- set parts = '*.parquet' if plain.endswith('/*.parquet') else '' -%}
    {%- if '://' not in plain -%}
        {%- set plain = plain[:plain | length - parts | length]
            | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]') ~ parts -%}
    {%- endif -%}
    {{ return("'" ~ plain | replace("'", "''") ~ "'") }}
{% endmacro %}
