/**
 * Progress measures: what a network's weights and logits say about the algorithm that it has
 * formed. Pure functions on arrays; nothing here knows of engines, runs or files.
 *
 * <table>
 *   <caption>What is measured</caption>
 *   <tr><th>question</th><th>answer</th><th>after</th></tr>
 *   <tr><td>which waves on Z_p does an embedding consist of?</td>
 *       <td>{@link dev.groklab.progress.Spectrum}</td><td>Nanda et al. 2023, section 4</td></tr>
 *   <tr><td>do few of them hold most of the power?</td>
 *       <td>{@link dev.groklab.progress.Gini}</td><td>Gini 1912; Nanda et al. 2023</td></tr>
 *   <tr><td>how many directions does it use?</td>
 *       <td>{@link dev.groklab.progress.EffectiveRank}</td><td>Roy and Vetterli 2007</td></tr>
 *   <tr><td>how well does the circuit of addition do alone, and the rest without it?</td>
 *       <td>{@link dev.groklab.progress.AdditionCircuit}</td>
 *       <td>Nanda et al. 2023, section 5</td></tr>
 *   <tr><td>how large are the logits, and does the softmax still see the other classes?</td>
 *       <td>{@link dev.groklab.progress.Logits}</td><td>Prieto et al. 2025</td></tr>
 * </table>
 *
 * <p>{@link dev.groklab.progress.GromovNetwork} is a network whose weights are known in closed
 * form; the measures are tried on it.
 *
 * @see <a href="https://arxiv.org/abs/2301.05217">Nanda, Chan, Lieberum, Smith, Steinhardt:
 *     Progress measures for grokking via mechanistic interpretability (ICLR 2023)</a>
 * @see <a href="https://arxiv.org/abs/2501.04697">Prieto, Barsbey, Mediano, Birdal: Grokking at the
 *     edge of numerical stability (ICLR 2025)</a>
 */
package dev.groklab.progress;
