package dev.groklab.data.control;

import dev.groklab.data.RandomStream;

/**
 * The pole that is to be balanced on a cart: the environment {@code CartPole-v1} of Gymnasium, step
 * for step, after Barto, Sutton, Anderson, "Neuronlike adaptive elements that can solve difficult
 * learning control problems" (IEEE Transactions on Systems, Man, and Cybernetics 13, 1983). Every
 * step is worth a reward of 1, the last one too.
 *
 * <p>The state is (x, ẋ, θ, θ̇) in double precision: position of the cart in m, its velocity in
 * m/s, angle of the pole from the vertical in rad, its velocity in rad/s; observations are the same
 * as floats. A step of 0.02 s is explicit Euler, Gymnasium's default. An episode is terminated when
 * |x| &gt; 2.4 or |θ| &gt; 12°, and truncated after 500 steps.
 *
 * <p>Sine and cosine are {@link StrictMath}'s, so that episodes are the same on every machine.
 * Gymnasium takes the C library's, which differ from these in the last bit of one value in a
 * hundred: from equal states follow equal observations, but a pole is unstable, and such a bit of a
 * double grows to one of a float within some hundred steps.
 *
 * @see <a href="https://gymnasium.farama.org/environments/classic_control/cart_pole/">Gymnasium</a>
 */
public final class CartPole {

  /** Numbers in an observation. */
  public static final int OBSERVATION_SIZE = 4;

  /** Actions: 0 pushes to the left, 1 to the right. */
  public static final int ACTIONS = 2;

  /** Steps after which an episode is truncated. */
  public static final int MAX_STEPS = 500;

  private static final double GRAVITY = 9.8; // m/s²
  private static final double CART_MASS = 1.0; // kg
  private static final double POLE_MASS = 0.1;
  private static final double TOTAL_MASS = POLE_MASS + CART_MASS;
  private static final double HALF_LENGTH = 0.5; // m, of the pole
  private static final double POLE_MOMENT = POLE_MASS * HALF_LENGTH;
  private static final double FORCE = 10.0; // N
  private static final double TIME_STEP = 0.02; // s
  private static final double MAX_POSITION = 2.4;
  private static final double MAX_ANGLE = 12 * 2 * Math.PI / 360;
  private static final double LOWEST_START = -0.05;
  private static final double HIGHEST_START = 0.05;

  private double position;
  private double velocity;
  private double angle;
  private double angularVelocity;
  private int steps;

  /** A cart that stands still under an upright pole. */
  public CartPole() {}

  /**
   * Begins an episode in a random state: x, ẋ, θ, θ̇ in this order are uniform in [−0.05, 0.05),
   * from the {@link RandomStream} of (seed, {@code EPISODE}, episode).
   *
   * @param seed what the states depend on
   * @param episode number of the episode
   */
  public void reset(long seed, long episode) {
    RandomStream stream = new RandomStream(seed, RandomStream.Purpose.EPISODE, episode);
    double[] state = new double[OBSERVATION_SIZE];
    for (int i = 0; i < state.length; i++) {
      state[i] = LOWEST_START + (HIGHEST_START - LOWEST_START) * stream.uniform();
    }
    reset(state);
  }

  /**
   * Begins an episode in a given state.
   *
   * @param state x, ẋ, θ, θ̇
   * @throws IllegalArgumentException if it has not 4 numbers
   */
  public void reset(double[] state) {
    if (state.length != OBSERVATION_SIZE) {
      throw new IllegalArgumentException("a state has 4 numbers, not " + state.length);
    }
    position = state[0];
    velocity = state[1];
    angle = state[2];
    angularVelocity = state[3];
    steps = 0;
  }

  /**
   * Pushes the cart for one time step.
   *
   * @param action 0: to the left, 1: to the right
   * @throws IllegalArgumentException if the action is another
   * @throws IllegalStateException if the episode is over
   */
  public void step(int action) {
    if (action != 0 && action != 1) {
      throw new IllegalArgumentException(
          "action " + action + " is not allowed: 0 (left) or 1 (right)");
    }
    if (isOver()) {
      throw new IllegalStateException("the episode is over after " + steps + " steps");
    }
    // Terms and their order are Gymnasium's, for equal rounding.
    double force = action == 1 ? FORCE : -FORCE;
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    double push = (force + POLE_MOMENT * (angularVelocity * angularVelocity) * sin) / TOTAL_MASS;
    double angularAcceleration =
        (GRAVITY * sin - cos * push)
            / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cos * cos) / TOTAL_MASS));
    double acceleration = push - POLE_MOMENT * angularAcceleration * cos / TOTAL_MASS;

    position = position + TIME_STEP * velocity;
    velocity = velocity + TIME_STEP * acceleration;
    angle = angle + TIME_STEP * angularVelocity;
    angularVelocity = angularVelocity + TIME_STEP * angularAcceleration;
    steps++;
  }

  /**
   * The state.
   *
   * @return x, ẋ, θ, θ̇
   */
  public double[] state() {
    return new double[] {position, velocity, angle, angularVelocity};
  }

  /**
   * What an agent sees of the state.
   *
   * @param observation receives x, ẋ, θ, θ̇
   * @param from index of the first
   */
  public void observe(float[] observation, int from) {
    observation[from] = (float) position;
    observation[from + 1] = (float) velocity;
    observation[from + 2] = (float) angle;
    observation[from + 3] = (float) angularVelocity;
  }

  /**
   * Steps of this episode so far, which is also the sum of its rewards.
   *
   * @return 0 … 500
   */
  public int steps() {
    return steps;
  }

  /**
   * Whether the pole has fallen or the cart has left the track.
   *
   * @return true if so
   */
  public boolean isTerminated() {
    return position < -MAX_POSITION
        || position > MAX_POSITION
        || angle < -MAX_ANGLE
        || angle > MAX_ANGLE;
  }

  /**
   * Whether the episode has had all its steps.
   *
   * @return true if so
   */
  public boolean isTruncated() {
    return steps >= MAX_STEPS;
  }

  /**
   * Whether the episode has ended, either way.
   *
   * @return true if so
   */
  public boolean isOver() {
    return isTerminated() || isTruncated();
  }
}
