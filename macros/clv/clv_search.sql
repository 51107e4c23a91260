{#-
    Searches the parameters with the highest likelihood. Every step is one query, which evaluates the
    point the search stands on and a stencil around it (21 candidates for four parameters). The values
    give a quadratic model of the likelihood, whose damped maximum is the next point
    (Levenberg-Marquardt): no derivative is programmed and no step goes down. Works on logarithms, so
    that parameters stay positive; q of the Gamma-Gamma model stays above 1, where its mean exists.
    Points are rounded to six decimals of the logarithm, so that every engine ends on the same one.

    `fixed` holds logarithms of the last parameters where those are not searched.

    Returns {outcome, point, log_likelihood, deviations, steps}: outcome is converged, edge (the
    likelihood keeps rising towards a parameter of zero or infinity) or steps (ran out of them);
    deviations are standard errors of the logarithms, none where the curvature does not give them.
-#}
{% macro clv_search(model, fit_period, start, fixed=[], max_steps=80) %}
    {%- set size = start | length -%}
    {%- set width, edge, reach = 0.01, 9, 1.5 -%}
    {%- set search = namespace(
        outcome=none, point=none, log_likelihood=none, gradient=[], curvature=[], damping=0.001,
        trial=start, steps=0, deviations=none
    ) -%}

    {%- for step in range(max_steps) if search.outcome is none -%}
        {%- set values = run_query(clv_log_likelihoods(model, fit_period, clv_stencil(search.trial, width, fixed))) -%}
        {%- set values = values.columns[1].values() | map('float') | list -%}
        {%- set search.steps = search.steps + 1 -%}

        {%- if search.point is none or values[0] >= search.log_likelihood -%}
            {%- set search.point = search.trial -%}
            {%- set search.log_likelihood = values[0] -%}
            {%- set search.damping = search.damping / 10 -%}
            {%- set search.gradient = [] -%}
            {%- set search.curvature = [] -%}
            {%- for i in range(size) -%}
                {%- set up, down = values[1 + 2 * i], values[2 + 2 * i] -%}
                {%- do search.gradient.append((up - down) / (2 * width)) -%}
                {%- do search.curvature.append({i: (2 * values[0] - up - down) / width ** 2}) -%}
            {%- endfor -%}
            {%- set pairs = values[1 + 2 * size:] | list -%}
            {%- for i in range(size) -%}
                {%- for j in range(i + 1, size) -%}
                    {%- set alone = values[1 + 2 * i] + values[2 + 2 * i] + values[1 + 2 * j] + values[2 + 2 * j] -%}
                    {%- set together = pairs.pop(0) + pairs.pop(0) -%}
                    {%- set mixed = (alone - together - 2 * values[0]) / (2 * width ** 2) -%}
                    {%- do search.curvature[i].update({j: mixed}) -%}
                    {%- do search.curvature[j].update({i: mixed}) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- else -%}
            {%- set search.damping = search.damping * 10 -%}
        {%- endif -%}

        {%- set move = clv_damped_move(search) -%}
        {%- set trial = [] -%}
        {%- set longest = namespace(move=0.0) -%}
        {%- for i in range(size) -%}
            {%- set longest.move = [longest.move, move[i] | abs] | max -%}
        {%- endfor -%}
        {%- for i in range(size) -%}
            {%- do trial.append((search.point[i] + move[i] * [1, reach / (longest.move + 1e-9)] | min) | round(6)) -%}
        {%- endfor -%}
        {%- set search.trial = trial -%}
        {%- if longest.move < 2e-6 -%}
            {%- set search.outcome = 'converged' -%}
        {%- else -%}
            {%- for i in range(size) if (trial[i] - start[i]) | abs > edge -%}
                {%- set search.outcome = 'edge' -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}

    {%- if search.outcome == 'converged' -%}
        {%- set deviations = [] -%}
        {%- for i in range(size) -%}
            {%- set unit = [] -%}
            {%- for j in range(size) -%}{%- do unit.append(1.0 if i == j else 0.0) -%}{%- endfor -%}
            {%- set column = solve_positive_definite(search.curvature, unit) -%}
            {%- if column is not none and column[i] > 0 -%}
                {%- do deviations.append(column[i] ** 0.5) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set search.deviations = deviations if deviations | length == size else none -%}
    {%- endif -%}
    {{ return({
        'outcome': search.outcome or 'steps', 'point': search.point, 'steps': search.steps,
        'log_likelihood': search.log_likelihood, 'deviations': search.deviations,
    }) }}
{% endmacro %}


{#- A point and its neighbours one width up and down each axis, then each pair of axes. -#}
{% macro clv_stencil(point, width, fixed) %}
    {%- set moves = [{}] -%}
    {%- for i in range(point | length) -%}
        {%- do moves.extend([{i: width}, {i: -width}]) -%}
    {%- endfor -%}
    {%- for i in range(point | length) -%}
        {%- for j in range(i + 1, point | length) -%}
            {%- do moves.extend([{i: width, j: width}, {i: -width, j: -width}]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set stencil = [] -%}
    {%- for move in moves -%}
        {%- set candidate = [] -%}
        {%- for i in range(point | length) -%}
            {%- do candidate.append((point[i] + move.get(i, 0)) | round(6)) -%}
        {%- endfor -%}
        {%- do stencil.append(candidate + fixed) -%}
    {%- endfor -%}
    {{ return(stencil) }}
{% endmacro %}


{#- The move to the maximum of the quadratic model, damped until the model has one. -#}
{% macro clv_damped_move(search) %}
    {%- set size = search.gradient | length -%}
    {%- set result = namespace(move=none) -%}
    {%- for attempt in range(40) if result.move is none -%}
        {%- set damped = [] -%}
        {%- for i in range(size) -%}
            {%- set row = {} -%}
            {%- do row.update(search.curvature[i]) -%}
            {%- do row.update({i: row[i] + search.damping * ([row[i] | abs, 1e-6] | max)}) -%}
            {%- do damped.append(row) -%}
        {%- endfor -%}
        {%- set result.move = solve_positive_definite(damped, search.gradient) -%}
        {%- if result.move is none -%}
            {%- set search.damping = [search.damping * 10, 0.001] | max -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(result.move or [0.0] * size) }}
{% endmacro %}
