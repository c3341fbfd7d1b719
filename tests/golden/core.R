# Reference values for the core of stats, by R. Writes core.json beside this file:
#   Rscript tests/golden/core.R tests/golden/core.json
# Made with R 4.2 and coin 1.4-2.

num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.17g", x)), collapse = ", "), "]")
out <- character()
put <- function(name, text) out <<- c(out, sprintf('  "%s": %s', name, text))

# -- p.adjust, with ties and a missing p
p <- c(.01, .04, .03, .03, .005, .2, .9, .0004, .04, .6, .011, .05, .5, .02, 1)
put("pvalues", num(p))
for (m in c("bonferroni", "holm", "hochberg", "hommel", "BH", "BY")) {
  put(paste0("adjust_", tolower(m)), num(p.adjust(p, m)))
  put(paste0("adjust_na_", tolower(m)), num(p.adjust(c(p[1:5], NA, p[6:15]), m)))
}

# -- all pairs of six models on twelve tasks, no ties: rows tasks
set.seed(20260820)
x <- round(matrix(runif(72), 12), 7)
put("untied", paste0("[", paste(apply(x, 1, num), collapse = ", "), "]"))
pairs <- combn(6, 2)
each <- function(f) apply(pairs, 2, function(ij) f(x[, ij[1]], x[, ij[2]]))
put("wilcoxon", num(each(function(a, b) wilcox.test(a, b, paired = TRUE, exact = TRUE)$p.value)))
put("wilcoxon_greater", num(each(function(a, b)
  wilcox.test(a, b, paired = TRUE, exact = TRUE, alternative = "greater")$p.value)))
ci <- function(a, b) wilcox.test(a, b, paired = TRUE, exact = TRUE, conf.int = TRUE)
put("hodges_lehmann", num(each(function(a, b) ci(a, b)$estimate)))
put("hodges_lehmann_low", num(each(function(a, b) ci(a, b)$conf.int[1])))
put("hodges_lehmann_high", num(each(function(a, b) ci(a, b)$conf.int[2])))
put("t", num(each(function(a, b) t.test(a, b, paired = TRUE)$statistic)))
put("t_p", num(each(function(a, b) t.test(a, b, paired = TRUE)$p.value)))
put("t_low", num(each(function(a, b) t.test(a, b, paired = TRUE)$conf.int[1])))
put("sign_p", num(each(function(a, b) binom.test(sum(a > b), 12)$p.value)))
f <- friedman.test(x)
put("friedman", num(c(f$statistic, f$p.value)))

# -- ties and zeros: coin's exact conditional distribution
library(coin)
d <- round(matrix(rnorm(14 * 8, .3), 14), 1)
d[2, ] <- 0
put("tied", paste0("[", paste(apply(d, 1, num), collapse = ", "), "]"))
exact <- function(zero, alternative = "two.sided") num(apply(d, 2, function(v) {
  zeros <- rep(0, length(v))
  pvalue(wilcoxsign_test(v ~ zeros, distribution = "exact", zero.method = zero, alternative = alternative))
}))
put("coin_wilcoxon", exact("Wilcoxon"))
put("coin_pratt", exact("Pratt"))
put("coin_pratt_greater", exact("Pratt", "greater"))
f <- friedman.test(d)
put("friedman_tied", num(c(f$statistic, f$p.value)))

# -- beyond 50: normal approximation with ties and continuity correction
v <- round(rnorm(80, .2), 1)
put("long", num(v))
w <- suppressWarnings(wilcox.test(v, exact = FALSE, correct = TRUE))
put("long_p", num(w$p.value))

# -- studentized range with infinite degrees of freedom
k <- c(2, 3, 4, 10, 50, 100, 183)
put("range_k", num(k))
put("range_q05", num(sapply(k, function(k) qtukey(.95, k, Inf))))
put("range_q10", num(sapply(k, function(k) qtukey(.90, k, Inf))))
put("range_p", num(sapply(k, function(k) ptukey(3.5, k, Inf, lower.tail = FALSE))))

# -- RoundingTimes (Hollander & Wolfe 1973, p. 140), from ?friedman.test
r <- matrix(c(5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60,
  5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45,
  5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55,
  5.50, 5.45, 5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25), nrow = 22, byrow = TRUE)
put("rounding", paste0("[", paste(apply(r, 1, num), collapse = ", "), "]"))
f <- friedman.test(r)
put("rounding_friedman", num(c(f$statistic, f$p.value)))

writeLines(c("{", paste(out, collapse = ",\n"), "}"), commandArgs(TRUE)[1])
