# Reference counts for MTEB(eng, v2), by R. Prints JSON; its numbers are in tests/stats/test_eng_v2.py:
#   Rscript tests/golden/eng_v2.R eng_v2_models_by_tasks.csv
# Made with R 4.2 and coin 1.4-2.
library(coin)
x <- as.matrix(read.csv(commandArgs(TRUE)[1], row.names = 1))
k <- nrow(x)
p <- numeric()
for (i in 1:(k - 1)) for (j in (i + 1):k) {
  d <- x[i, ] - x[j, ]
  d[abs(d) <= 1e-12] <- 0
  d <- d[d != 0]
  a <- sort(abs(d))
  p <- c(p, if (length(d) == 0) 1
    else if (all(diff(a) > 1e-12)) wilcox.test(d, exact = TRUE)$p.value
    else { z <- rep(0, length(d)); d <- round(d, 12); as.numeric(pvalue(wilcoxsign_test(d ~ z, distribution = "exact"))) })
}
f <- friedman.test(t(x))
s <- function(v) sprintf("%.17g", v)
cat(sprintf('{"pairs": %d, "raw": %d, "holm": %d, "bh": %d, "sum_p": %s, "chi2": %s}\n', length(p), sum(p <= .05),
  sum(p.adjust(p, "holm") <= .05), sum(p.adjust(p, "BH") <= .05), s(sum(p)), s(unname(f$statistic))))
