# Reference values of random cases, by R alone. Writes audit.json beside this file:
#   Rscript tests/golden/audit.R tests/golden/audit.json
# Made with R 4.2.

num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", ifelse(is.infinite(x), ifelse(x > 0, "1e999", "-1e999"),
  sprintf("%.17g", x))), collapse = ", "), "]")
rows <- function(m) paste0("[", paste(apply(m, 1, num), collapse = ", "), "]")
out <- character()
put <- function(name, text) out <<- c(out, sprintf('  "%s": %s', name, text))
set.seed(20261124)

# -- p.adjust: ties, zeros and ones, 1 to 45 p-values
p <- lapply(1:24, function(i) {
  v <- round(runif(sample(45, 1))^sample(3, 1), sample(3, 1))
  if (i %% 3 == 0) c(v, 1, 1, 0) else v
})
put("p", paste0("[", paste(sapply(p, num), collapse = ", "), "]"))
for (m in c("bonferroni", "holm", "hochberg", "hommel", "BH", "BY"))
  put(tolower(m), paste0("[", paste(sapply(p, function(v) num(p.adjust(v, m))), collapse = ", "), "]"))

# -- Hodges-Lehmann with wilcox.test's exact interval: 6 to 49 tasks, three levels
n <- c(6, 7, 9, 14, 23, 41, 49); level <- c(.9, .95, .99)
d <- lapply(n, function(n) round(rnorm(n, .2), 6))
put("differences", paste0("[", paste(sapply(d, num), collapse = ", "), "]"))
hl <- sapply(d, function(v) sapply(level, function(l) {
  w <- suppressWarnings(wilcox.test(v, exact = TRUE, conf.int = TRUE, conf.level = l))
  # Where no interval of n tasks has the level, R gives the widest and says what level that has.
  ok <- attr(w$conf.int, "conf.level") >= l - 1e-9
  c(w$estimate, if (ok) w$conf.int else c(-Inf, Inf))
}))
put("hodges_lehmann", rows(t(hl)))

# -- Cohen's d_z by the noncentral t; the share of wins by binom.test
ncp <- function(t, df, p) uniroot(function(m) pt(t, df, m) - p, c(t - 40, t + 40), tol = 1e-12)$root
dz <- sapply(d, function(v) {
  n <- length(v); z <- mean(v) / sd(v)
  c(z, suppressWarnings(c(ncp(z * sqrt(n), n - 1, .975), ncp(z * sqrt(n), n - 1, .025))) / sqrt(n))
})
put("d_z", rows(t(dz)))
put("share", rows(t(sapply(d, function(v) binom.test(sum(v > 0), length(v))$conf.int))))

# -- Cliff's delta and the rank-biserial correlation: the jackknife done task by task, then Feng and Cliff's interval
feng <- function(e, s, n) {
  t <- qt(.975, n - 1) * s
  c((e - e^3 - t * sqrt((1 - e^2)^2 + t^2)) / (1 - e^2 + t^2), (e - e^3 + t * sqrt((1 - e^2)^2 + t^2)) / (1 - e^2 + t^2))
}
jack <- function(f, n) {
  e <- sapply(1:n, f)
  sqrt((n - 1) / n * sum((e - mean(e))^2))
}
x <- lapply(n, function(n) round(rnorm(n), 1))  # with ties
cliff <- function(a, b) mean(sign(outer(a, b, "-")))
biserial <- function(v) { v <- v[v != 0]; r <- rank(abs(v)); sum(sign(v) * r) / sum(r) }
put("x", paste0("[", paste(sapply(x, num), collapse = ", "), "]"))
put("cliffs_delta", rows(t(mapply(function(a, v) {
  b <- round(a - v, 1); n <- length(a); e <- cliff(a, b)
  c(e, feng(e, jack(function(i) cliff(a[-i], b[-i]), n), n))
}, x, d))))
put("rank_biserial", rows(t(mapply(function(a, v) {
  v <- round(round(a, 1) - round(a - v, 1), 1); v <- v[v != 0]; n <- length(v); e <- biserial(v)
  c(e, feng(e, jack(function(i) biserial(v[-i]), n), n))
}, x, d))))

# -- quade.test and friedman.test on tied tables (of whole numbers: R takes .3 - .1 and .2 for different ranges); the exact Friedman p by all orders of three models on four tasks
tables <- lapply(1:4, function(i) matrix(round(10 * rnorm(4 * (i + 3))), i + 3))
put("tables", paste0("[", paste(sapply(tables, rows), collapse = ", "), "]"))
put("quade", rows(t(sapply(tables, function(m) { q <- quade.test(m); c(q$statistic, q$p.value) }))))
put("friedman", rows(t(sapply(tables, function(m) { q <- friedman.test(m); c(q$statistic, q$p.value) }))))
three <- matrix(c(.5, .5, .2, .1, .7, .3, .4, .4, .4, .9, .1, .2), 4, byrow = TRUE)
r <- t(apply(three, 1, rank))
orders <- list(c(1, 2, 3), c(1, 3, 2), c(2, 1, 3), c(2, 3, 1), c(3, 1, 2), c(3, 2, 1))
all <- expand.grid(1:6, 1:6, 1:6, 1:6)
spread <- function(m) sum((colSums(m) - 8)^2)
hits <- apply(all, 1, function(o) spread(t(sapply(1:4, function(i) r[i, orders[[o[i]]]]))) >= spread(r) - 1e-9)
put("three", rows(three))
put("friedman_exact", num(mean(hits)))

# -- BCa by package boot's formulas, on resamples that are written out
v <- d[[4]]; N <- length(v)
draws <- t(replicate(99, sample(N, replace = TRUE)))
put("draws", rows(draws - 1))
b <- sort(rowMeans(matrix(v[draws], 99)))
L <- v - mean(v)
z0 <- qnorm(mean(b < mean(v))); a <- sum(L^3) / (6 * sum(L^2)^1.5)
at <- pnorm(z0 + (z0 + qnorm(c(.025, .975))) / (1 - a * (z0 + qnorm(c(.025, .975)))))
put("bca", num(quantile(b, at, type = 7)))

# -- Bonferroni-Dunn: z of mean ranks against the first model
k <- 5; m <- matrix(rnorm(11 * k), 11); mr <- colMeans(t(apply(-m, 1, rank)))
z <- (mr[-1] - mr[1]) / sqrt(k * (k + 1) / (6 * 11))
put("dunn_table", rows(m)); put("dunn_z", num(z)); put("dunn_p", num(p.adjust(2 * pnorm(-abs(z)), "bonferroni")))
put("dunn_q", num(qnorm(1 - .05 / (2 * (k - 1)))))

writeLines(c("{", paste(out, collapse = ",\n"), "}"), commandArgs(TRUE)[1])
