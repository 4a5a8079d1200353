// The rows of an evaluation, worst first, with filters.

const SHOWN = {
  wrong: ['wrong', row => row.credit < 1],
  all: ['all', () => true],
  right: ['right', row => row.credit === 1],
  apart: ['the two models differ', row => row.otherCredit !== null && row.otherCredit !== row.credit],
};

function rowBrowser(browser) {
  const groups = [...new Set(browser.rows.map(row => row.group))].sort();
  const group = select('group', [['', 'all groups'], ...groups.map(name => [name, name])]);
  const kinds = Object.entries(SHOWN).filter(([key]) => key !== 'apart' || browser.compared);
  const kind = select('kind', kinds.map(([key, [name]]) => [key, name]));
  const search = element('input',
    { id: 'search', type: 'search', placeholder: 'text or id', 'aria-label': 'text or id' });
  const number = element('p', { class: 'soft', id: 'number', 'aria-live': 'polite' });
  const list = element('div', { id: 'rows' });
  const update = () => {
    const wanted = search.value.toLowerCase();
    const found = browser.rows.filter(row =>
      (group.value === '' || row.group === group.value)
      && SHOWN[kind.value][1](row)
      && (wanted === '' || searchText(row).includes(wanted)));
    number.textContent = `${count(found.length)} rows`;
    list.replaceChildren(...inPortions(found, 25, showRow));
  };
  group.addEventListener('change', update);
  kind.addEventListener('change', update);
  search.addEventListener('input', update);
  update();
  return section('Rows',
    element('p', { class: 'soft' }, browser.rows.length < browser.total
      ? `The ${count(browser.rows.length)} of ${count(browser.total)} rows with the smallest margins, worst first.`
      : 'All rows, worst first.'),
    element('div', { class: 'filters' }, kind, group, search), number, list);
}

function select(id, options) {
  return element('select', { id, 'aria-label': id },
    options.map(([value, name]) => element('option', { value }, name)));
}

function searchText(row) {
  const prompt = (row.prompt ?? []).map(message => message.content);
  return [row.id, ...prompt, ...(row.answers ?? [])].join('\n').toLowerCase();
}

function showRow(row) {
  const verdict = row.credit === 1 ? 'right' : 'wrong';
  const details = element('details', null,
    element('summary', null,
      element('span', { class: `${verdict}-text` }, row.credit === 1 ? '✓ ' : '✗ '),
      `${row.id.includes(row.group) ? '' : row.group} ${row.id} `,
      element('span', { class: 'soft' }, `margin ${short(row.margin)} · ${row.place}`)));
  details.addEventListener('toggle', () => details.append(...openRow(row)), { once: true });
  return details;
}

function openRow(row) {
  return [
    ...turns(row.prompt ?? []),
    element('div', { class: 'answers' }, row.scores.map((score, i) => showAnswer(row, score, i))),
    ...(row.judge ? judgement(row.judge) : []),
  ];
}

/** What a judge said, for each order in which the answers were shown. */
function judgement(judge) {
  const verdicts = judge.verdicts ?? [];
  const places = verdicts.map((verdict, i) => `answers ${i === 0 ? 'as given' : 'reversed'}: ${verdict}`);
  const replies = judge.replies ?? [];
  return [
    verdicts.length === 0 ? null : element('p', { class: 'soft' },
      `The judge, ${places.join('; ')}${judge.consistent ? ' (consistent)' : ''}`),
    ...replies.map((reply, i) => element('details', null,
      element('summary', null, `reply ${i + 1}`), element('div', { class: 'text' }, reply))),
  ].filter(part => part !== null);
}

function showAnswer(row, score, i) {
  const isRight = i < row.correct;
  const other = row.otherScores === null ? '' : `, the other model's ${short(row.otherScores[i])}`;
  const read = row.readTokens?.length === row.scores.length ? row.readTokens[i] : null;
  return element('div', { class: `answer ${isRight ? 'chosen' : 'rejected'}` },
    element('div', { class: 'soft' },
      `${isRight ? 'right' : 'wrong'}: score ${short(score)}${other}`,
      read === null ? null : [', read at ', element('code', null, read)]),
    element('div', { class: 'text' }, row.answers?.[i] ?? ''),
    row.objectives ? objectives(row.objectives[i], row.gating[i]) : null);
}

/** What a reward is made of; with a gate, by what counts most. */
function objectives(rewards, gating) {
  const isGated = Object.keys(gating).length > 0;
  const names = Object.keys(rewards);
  if (isGated) {
    names.sort((a, b) => Math.abs(gating[b]) - Math.abs(gating[a]));
  }
  return element('details', null,
    element('summary', null, isGated ? 'objectives and gate' : 'objectives'),
    table(['objective', 'reward', ...(isGated ? ['gate'] : [])],
      names.map(name =>
        [name, short(rewards[name]), ...(isGated ? [short(gating[name])] : [])])));
}
