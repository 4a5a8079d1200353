// The page of an evaluation.

const BASELINES = { longer: 'the longer answer wins', more_markdown: 'more markdown wins', first: 'the first answer wins' };

function scoreLine(line) {
  const marks = Object.entries(line.baselines).map(([name, score]) =>
    bar('tick', score, 0, `${BASELINES[name]}: ${share(score)}`));
  return element('div', { class: line.part ? 'part' : 'whole' },
    element('div', { class: 'label' }, line.label,
      line.rows === null ? null : element('span', { class: 'soft' }, ` ${count(line.rows)}`)),
    element('div', { class: 'bar' }, line.share
      ? [bar('fill', 0, line.score), bar('whisker', line.low, line.high - line.low), marks]
      : []),
    element('div', { class: 'number' }, share(line.score),
      element('span', { class: 'soft' }, `  ${share(line.low)} – ${share(line.high)}`)));
}

function bar(kind, start, length, title) {
  const made = element('span', { class: kind, ...(title ? { title } : {}) });
  made.style.left = `${100 * start}%`;
  if (kind !== 'tick') {
    made.style.width = `${100 * length}%`;
  }
  return made;
}

function scores() {
  const hasBaselines = DATA.table.some(line => Object.keys(line.baselines).length > 0);
  return section('Scores',
    element('p', { class: 'soft' },
      'The thin line is the interval that covers the true score 95 times in 100. ',
      hasBaselines
        ? `Upright marks are what no model needs to be: ${Object.values(BASELINES).join(', ')}.`
        : null),
    element('div', { class: 'scores' }, DATA.table.map(scoreLine)));
}

function styleMatrix(domain, wins) {
  const styles = ['concise', 'detailed', 'markdown'];
  return element('div', null,
    element('h3', null, domain),
    table(['right \\ wrong', ...styles], styles.map((style, i) =>
      [style, ...wins.slice(3 * i, 3 * i + 3).map(share)])));
}

function matrices() {
  return section('Style against style',
    element('p', { class: 'soft' },
      'How often the right answer in the row\'s style is above the wrong one in the column\'s. Above the ',
      'diagonal the wrong answer is the fancier one: hard.'),
    element('div', { class: 'charts' },
      Object.entries(DATA.matrices).map(([domain, wins]) => styleMatrix(domain, wins))));
}

function calibration() {
  const its = DATA.result.statistics.calibration;
  const temperature = its.temperature === null ? '' : ` Margins divided by ${short(its.temperature)} would fit best.`;
  return section('Calibration',
    element('p', { class: 'soft' },
      `Where the model says 0.8, are 8 of 10 right? Expected error ${share(its.expected_calibration_error)}, `,
      `Brier score ${share(its.brier)} (0.25 for a model that knows nothing), log loss ${share(its.log_loss)}.`,
      temperature),
    reliabilityCurve(its.bins));
}

function lengths() {
  const correlation = DATA.result.length_correlation;
  return section('Reward and length',
    element('p', { class: 'soft' },
      correlation === null ? '' : `Spearman's correlation ${share(correlation)}. `,
      `The line joins the means of ten equal parts. ${count(DATA.lengths.points.length)} answers are drawn: `,
      element('span', { class: 'right-text' }, 'right ones'), ' and ',
      element('span', { class: 'wrong-text' }, 'wrong ones'), '.'),
    lengthChart(DATA.lengths));
}

function comparison() {
  const its = DATA.result.comparison;
  return section('Against the other scores',
    element('p', null,
      `Better on ${count(its.first_better)} rows, worse on ${count(its.second_better)}; `,
      `were they equally good, this or more would come about with probability ${short(its.p_value)} `,
      '(exact sign test).'),
    table(['', 'difference', '95% interval', 'detectable'],
      Object.entries(its.differences).map(([name, row]) => [
        name, share(row.difference), `${share(row.interval[0])} – ${share(row.interval[1])}`,
        share(row.smallest_detectable)])));
}

function judge() {
  const its = DATA.result.judge;
  return section('The judge',
    element('p', { class: 'soft' },
      'Every comparison was made in two orders. A judge who looks at the answers, and not at their places, '
      + 'gives the same verdict in both.'),
    table(null, [
      ['the same verdict in both orders', `${count(its.consistent)} of ${count(its.comparisons)}`],
      ['for the answer shown first', `${count(its.first)} of ${count(its.choices)}`],
      ['without a verdict', `${count(its.unparsable)} of ${count(its.verdicts)}`],
    ]));
}

function facts() {
  const result = DATA.result;
  const rows = [];
  if (result.read !== null) {
    Object.entries(result.read).forEach(([key, value]) =>
      rows.push([key.replaceAll('_', ' '), value === null ? 'unknown' : String(value)]));
  }
  if (result.model !== null) {
    rows.push(['SHA-256 of the model', element('code', null, result.model)]);
  }
  Object.entries(result.data).forEach(([file, hash]) =>
    rows.push([`SHA-256 of ${file}`, element('code', null, hash)]));
  const bootstrap = result.statistics.bootstrap;
  rows.push(['bootstrap', `${count(bootstrap.resamples)} resamples, seed ${bootstrap.seed}`]);
  const made = section('What was measured', table(null, rows));
  made.querySelector('table').className = 'facts';
  return made;
}

function warnings() {
  const found = [];
  if (DATA.result.partial.length > 0) {
    found.push(`Partial: there are no rows of ${DATA.result.partial.join(', ')}.`);
  }
  if (DATA.unscored.number > 0) {
    found.push(`Partial: ${count(DATA.unscored.number)} rows have no scores and count nowhere. `
      + `The first: ${DATA.unscored.first}`);
  }
  const read = DATA.result.read;
  if (read !== null && read.rows_cut > 0) {
    found.push(`Cut (${read.too_long}): ${count(read.rows_cut)} rows had texts longer than the model reads; `
      + `${count(Math.round(read.mean_tokens_cut))} tokens were cut on average, ${count(read.most_tokens_cut)} at most.`);
  }
  return found.map(text => element('p', { class: 'warning' }, text));
}

document.getElementById('page').append(
  element('h1', null, DATA.title),
  element('p', { class: 'soft' }, `${count(DATA.rows)} rows scored`),
  ...warnings(),
  scores(),
  ...(DATA.matrices === null ? [] : [matrices()]),
  element('div', { class: 'charts' },
    section('Margins',
      element('p', { class: 'soft' },
        'By how much the lowest right answer is above the highest wrong one; the ends hold all beyond them.'),
      marginHistogram(DATA.margins)),
    DATA.result.statistics.calibration === null ? null : calibration(),
    DATA.lengths === null ? null : lengths()),
  ...(DATA.result.judge === null || DATA.result.judge.comparisons === 0 ? [] : [judge()]),
  ...(DATA.result.comparison === null ? [] : [comparison()]),
  rowBrowser(DATA.browser),
  facts());
