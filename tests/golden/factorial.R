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
