{#-
    Solves matrix · x = right_side for a symmetric matrix, in Jinja, by Gaussian elimination. Returns x
    as a list, or none where the matrix is not positive definite.
-#}
{% macro solve_positive_definite(matrix, right_side) %}
    {%- set size = right_side | length -%}
    {%- set cells = {} -%}
    {%- for i in range(size) -%}
        {%- for j in range(size) -%}
            {%- do cells.update({(i, j): matrix[i][j]}) -%}
        {%- endfor -%}
        {%- do cells.update({(i, size): right_side[i]}) -%}
    {%- endfor -%}

    {%- set solution = namespace(exists=true) -%}
    {%- for pivot in range(size) if solution.exists -%}
        {%- if cells[(pivot, pivot)] <= 1e-12 * (matrix[pivot][pivot] | abs) -%}
            {%- set solution.exists = false -%}
        {%- else -%}
            {%- for i in range(pivot + 1, size) -%}
                {%- set factor = cells[(i, pivot)] / cells[(pivot, pivot)] -%}
                {%- for j in range(pivot, size + 1) -%}
                    {%- do cells.update({(i, j): cells[(i, j)] - factor * cells[(pivot, j)]}) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not solution.exists -%}{{ return(none) }}{%- endif -%}

    {%- set x = {} -%}
    {%- for i in range(size - 1, -1, -1) -%}
        {%- set known = namespace(sum=0.0) -%}
        {%- for j in range(i + 1, size) -%}
            {%- set known.sum = known.sum + cells[(i, j)] * x[j] -%}
        {%- endfor -%}
        {%- do x.update({i: (cells[(i, size)] - known.sum) / cells[(i, i)]}) -%}
    {%- endfor -%}
    {%- set result = [] -%}
    {%- for i in range(size) -%}{%- do result.append(x[i]) -%}{%- endfor -%}
    {{ return(result) }}
{% endmacro %}
