# Reference values of tests/stats/ranking/test_abilities.py: Rscript bradley_terry.R, R 4.2.
# Wins of row over column; no ties: R's own logistic regression.
W <- matrix(c(0,7,9,4, 3,0,6,5, 1,4,0,2, 6,5,8,0), 4, byrow = TRUE)
p <- combn(4, 2); X <- matrix(0, 6, 4); for (c in 1:6) { X[c, p[1, c]] <- 1; X[c, p[2, c]] <- -1 }
y <- cbind(W[t(p)], W[t(p[2:1, ])])
b <- coef(glm(y ~ 0 + X[, -4], family = binomial)); a <- c(b, 0); print(a - mean(a), digits = 10)
# Davidson's ties (T, symmetric): the likelihood of his equation 2.2 by optim.
T <- matrix(c(0,2,0,3, 2,0,1,1, 0,1,0,4, 3,1,4,0), 4)
nll <- function(q) {
  l <- c(q[1:3], -sum(q[1:3])); s <- 0
  for (c in 1:6) { i <- p[1, c]; j <- p[2, c]; g <- exp(q[4] + (l[i] + l[j]) / 2); d <- exp(l[i]) + exp(l[j]) + g
    s <- s - W[i, j] * (l[i] - log(d)) - W[j, i] * (l[j] - log(d)) - T[i, j] * (log(g) - log(d)) }
  s }
o <- optim(rep(0, 4), nll, method = "BFGS", control = list(reltol = 1e-15)); print(c(o$par[1:3], -sum(o$par[1:3]), exp(o$par[4])), digits = 8)
