/**
 * Pages: an evaluation and a diagnosis of data as one HTML file each, to be opened from disk, sent
 * to somebody, and read on a phone.
 *
 * <p><b>The idea.</b> Java gathers what is to be seen and writes it as JSON into the page; a few
 * hundred lines of JavaScript beside this file draw it. So the page holds the numbers themselves,
 * and whoever wants another drawing has them.
 *
 * <pre>{@code
 * EvaluationReport.write(Path.of("out"), evaluation, Path.of("out/scores.jsonl"), Optional.of(data));
 * }</pre>
 *
 * <pre>
 * page.html        the frame: style, data, scripts are put into it
 * page.css         light and dark, wide and narrow
 * page.js          elements, tables, numbers
 * charts.js        drawings with axes: histogram, reliability curve, lengths
 * rows.js          the rows, worst first, with filters
 * evaluation.js    the page of an evaluation
 * check.js         the page of diagnosed data
 * </pre>
 *
 * <p><b>Decisions.</b>
 *
 * <ul>
 *   <li>Texts from data become text nodes, never markup, and within the page's JSON no character
 *       has a meaning to HTML. The alternative, a template engine's escaping, must be right at
 *       every place where a text is put in; here there is one.
 *   <li>The page's content security policy forbids it every connection. That it needs no network is
 *       then no promise but enforced by the browser.
 *   <li>No library draws the charts: the smallest is many times the size of all scripts here, would
 *       be in every page, and readers could not follow it.
 *   <li>A page of a large evaluation has the rows with the smallest margins only: those are what
 *       one looks for, and a page of 100,000 rows opens on no phone.
 * </ul>
 */
package assay.eval.report;
