# Reference values of tests/stats/factors/test_factorial.py: Rscript factorial.R, R 4.2, lme4 1.1.
# Eight tasks, five models: an incomplete 3 x 2 design.
library(lme4)
y <- c(.512, .530, .561, .551, .590,  .702, .699, .731, .725, .742,  .443, .461, .459, .470, .481,
       .650, .662, .671, .660, .699,  .581, .590, .612, .630, .641,  .330, .352, .349, .361, .390,
       .621, .618, .640, .655, .663,  .471, .490, .512, .487, .530)
d <- data.frame(y = y, task = factor(rep(1:8, each = 5)),
                pooling = factor(rep(c("eos", "last", "multi", "last", "multi"), 8), levels = c("eos", "last", "multi")),
                attention = factor(rep(c("causal", "causal", "causal", "bidirectional", "bidirectional"), 8),
                                   levels = c("causal", "bidirectional")))
m <- lmer(y ~ pooling + attention + (1 | task) + (1 | task:pooling) + (1 | task:attention), d)
print(summary(m)$coefficients, digits = 8)
print(as.data.frame(VarCorr(m))[, c("grp", "vcov")], digits = 8)
# Aligned rank transform, type II, tasks as fixed blocks.
contrasts(d$pooling) <- contr.sum(3); contrasts(d$attention) <- contr.sum(2)
full <- lm(y ~ task + pooling * attention, d); add <- lm(y ~ task + pooling + attention, d)
X <- model.matrix(add); b <- coef(add)
part <- function(pattern) { k <- grep(pattern, colnames(X)); drop(X[, k, drop = FALSE] %*% b[k]) }
test <- function(effect, small, large) {
  d$r <- rank(-round(resid(full) + effect, 12))
  a <- lm(update(formula(small), r ~ .), d); c <- lm(update(formula(large), r ~ .), d)
  f <- lm(r ~ task + pooling * attention, d)
  df1 <- df.residual(a) - df.residual(c); df2 <- df.residual(f)
  F <- (deviance(a) - deviance(c)) / df1 / (deviance(f) / df2)
  cat(sprintf("F %.8f df %d %d p %.8g\n", F, df1, df2, pf(F, df1, df2, lower.tail = FALSE)))
}
test(part("^pooling"), lm(y ~ task + attention, d), add)
test(part("^attention"), lm(y ~ task + pooling, d), add)
test(resid(add) - resid(full), add, full)
