/// Routing policies as values, their traffic, and the explanation of a match.
///
/// In: the rows of `sdwan_policies` as values. Out: [Policy], [PolicyTraffic], and [Explanation]
/// (why a policy takes a flow or not). Never knows: where the rows came from, which path a flow
/// takes.
@NullMarked
package dev.patronus.policy;

import org.jspecify.annotations.NullMarked;
