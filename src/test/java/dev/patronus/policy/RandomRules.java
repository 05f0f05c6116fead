package dev.patronus.policy;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.PortRange;
import dev.patronus.policy.rule.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// Makes policies and flows whose values lie close together, so that many of them meet, and lie on
/// the borders of ranges, where mistakes live.
public final class RandomRules {
  private static final int[] PORTS = {
    0, 1, 20, 22, 23, 25, 53, 79, 80, 81, 443, 873, 3477, 3478, 3481, 3482, 5060, 5061, 5062, 8443,
    8800, 8801, 8810, 9999, 10000, 10999, 11000, 16383, 16384, 19301, 19302, 19310, 19311, 32767,
    32768, 65534, 65535
  };
  private static final int[] PROTOCOLS = {6, 6, 6, 17, 17, 1, 58, 0, 255, 132};
  private static final long[] V6_HIGHS = {
    0, 0x2001_0db8_0000_0000L, 0x2001_0db8_0000_0001L, 0xfe80_0000_0000_0000L, -1
  };

  private static final List<ApplicationClass> CLASSES = List.of(ApplicationClass.values());

  private final Random random;
  private final int strictness;

  public RandomRules(Random random) {
    this(random, 5);
  }

  /// @param strictness how many of ten conditions are set
  public RandomRules(Random random, int strictness) {
    this.random = random;
    this.strictness = strictness;
  }

  public List<Policy> policies(int size) {
    List<Policy> policies = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      policies.add(policy());
    }
    return policies;
  }

  private Policy policy() {
    Rules rules = random.nextInt(20) == 0 ? new Invalid("for the test") : rules();
    return new Policy(
        random.nextLong(),
        "policy-" + random.nextInt(50),
        random.nextInt(100),
        random.nextInt(10) != 0,
        rules,
        PathPreference.Single.LOWEST_LATENCY);
  }

  public MatchRules rules() {
    return new MatchRules(
        sometimes(this::block),
        sometimes(this::block),
        number(this::port),
        sometimes(this::ports),
        number(this::protocol),
        sometimes(this::application));
  }

  private <T> Optional<T> sometimes(Supplier<T> value) {
    return random.nextInt(10) < strictness ? Optional.of(value.get()) : Optional.empty();
  }

  private OptionalInt number(IntSupplier value) {
    return random.nextInt(20) < strictness ? OptionalInt.of(value.getAsInt()) : OptionalInt.empty();
  }

  public FlowKey flow() {
    boolean v6 = random.nextInt(4) == 0;
    boolean mixed = random.nextInt(20) == 0;
    return FlowKey.of(address(v6), port(), address(v6 ^ mixed), port(), protocol());
  }

  private IpAddress address(boolean v6) {
    int low = random.nextInt(8) - 2;
    if (v6) {
      return new IpAddress(V6_HIGHS[random.nextInt(V6_HIGHS.length)], low);
    }
    return IpAddress.v4((random.nextBoolean() ? 10 << 24 : 192 << 24) + (low << random.nextInt(8)));
  }

  private IpPrefix block() {
    return switch (random.nextInt(12)) {
      case 0 -> IpPrefix.parse("0.0.0.0/0");
      case 1 -> IpPrefix.parse("::/0");
      case 2 -> new IpPrefix(address(true), random.nextInt(129));
      case 3, 4 -> new IpPrefix(address(true), 126 + random.nextInt(3));
      default -> new IpPrefix(address(false), 96 + random.nextInt(33));
    };
  }

  private PortRange ports() {
    int a = port();
    int b = random.nextInt(4) == 0 ? a : port();
    return new PortRange(Math.min(a, b), Math.max(a, b));
  }

  private int port() {
    return random.nextInt(8) == 0 ? random.nextInt(65536) : PORTS[random.nextInt(PORTS.length)];
  }

  private int protocol() {
    return PROTOCOLS[random.nextInt(PROTOCOLS.length)];
  }

  private ApplicationClass application() {
    return CLASSES.get(random.nextInt(CLASSES.size()));
  }
}
