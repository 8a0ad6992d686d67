/**
 * Statistics over seeds, and measures of curves: pure functions on small records.
 *
 * <p>The question is mostly "how many steps until it generalizes, and does that depend on X?",
 * asked of 5 to 20 runs a setting, some of which never get there. So times are {@linkplain
 * dev.groklab.analysis.Observation right-censored}, and what is preferred here is exact for few
 * runs and assumes nothing about distributions:
 *
 * <table>
 *   <caption>What to use</caption>
 *   <tr><th>question</th><th>answer</th></tr>
 *   <tr><td>how long does it take?</td><td>{@link dev.groklab.analysis.KaplanMeier}</td></tr>
 *   <tr><td>how many times longer?</td><td>{@link dev.groklab.analysis.RatioOfTimes}</td></tr>
 *   <tr><td>which is earlier, if most never get there?</td>
 *       <td>{@link dev.groklab.analysis.Superiority}</td></tr>
 *   <tr><td>do groups differ at all?</td><td>{@link dev.groklab.analysis.LogRank}</td></tr>
 *   <tr><td>is there a trend?</td><td>{@link dev.groklab.analysis.LogRankTrend}, {@link
 *       dev.groklab.analysis.RankCorrelation}</td></tr>
 *   <tr><td>how many get there?</td><td>{@link dev.groklab.analysis.Share}, {@link
 *       dev.groklab.analysis.ShareDifference}</td></tr>
 *   <tr><td>how much larger is a value that is never censored?</td>
 *       <td>{@link dev.groklab.analysis.Shift}, {@link dev.groklab.analysis.PairedShift} for pairs
 *       by seed</td></tr>
 *   <tr><td>how smooth is a curve?</td><td>{@link dev.groklab.analysis.Curve}</td></tr>
 *   <tr><td>is a claim true?</td><td>{@link dev.groklab.analysis.ClaimRule}, written down
 *       first</td></tr>
 * </table>
 *
 * <pre>{@code
 * ClaimRule rule = ClaimRule.above("with less data it takes longer", 1);
 * Verdict verdict = rule.judge(RatioOfTimes.of(half, third));
 * System.out.println(verdict.outcome() + ": " + verdict.reason());
 * }</pre>
 */
package dev.groklab.analysis;
