//! Which accounts a code goes to, and in which order: the rules of the configuration, first match first, and else every account
//! that takes its wallet's codes.

use payment::auth_code::{AuthCode, Codes, Wallet};
use payment::ids::MerchantCode;

/// One way for a merchant's codes of one wallet.
#[derive(Clone, Debug)]
pub struct Route {
    /// Whose codes.
    pub merchant: MerchantCode,
    /// Of which wallet.
    pub wallet: Wallet,
    /// To which account.
    pub account: String,
}

/// A rule of the configuration: these codes go to these accounts, best first, and to no other.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Whose codes.
    pub merchant: MerchantCode,
    /// Which codes.
    pub codes: Codes,
    /// To which accounts.
    pub accounts: Vec<String>,
}

/// Everything that decides where a code goes.
#[derive(Clone, Debug, Default)]
pub struct Routing {
    /// The rules, in the order of the configuration.
    pub rules: Vec<Rule>,
    /// Every account by wallet, in the order of the configuration.
    pub routes: Vec<Route>,
}

/// Where a code goes, as far as the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// Which rule, from 0; none where the order of the accounts decides.
    pub rule: Option<usize>,
    /// The accounts, best first.
    pub accounts: Vec<&'a str>,
}

impl Routing {
    /// Where a merchant's code goes.
    #[must_use]
    pub fn choose(&self, merchant: &MerchantCode, code: &AuthCode) -> Chosen<'_> {
        let rules = self.rules.iter().enumerate();
        let matching = |(_, rule): &(usize, &Rule)| rule.merchant == *merchant && rule.codes.takes(code);
        if let Some((place, rule)) = rules.into_iter().find(matching) {
            return Chosen {
                rule: Some(place),
                accounts: rule.accounts.iter().map(String::as_str).collect(),
            };
        }
        let own = |route: &&Route| route.merchant == *merchant && route.wallet == code.wallet();
        let accounts = self.routes.iter().filter(own).map(|route| route.account.as_str()).collect();
        Chosen { rule: None, accounts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_decides_and_else_the_order_of_the_accounts() {
        let merchant = MerchantCode::parse("default").unwrap();
        let rule = |prefix: &str, accounts: &[&str]| Rule {
            merchant: merchant.clone(),
            codes: Codes::parse(prefix, &[]).unwrap(),
            accounts: accounts.iter().map(|&name| name.to_owned()).collect(),
        };
        let code = |digits: &str| AuthCode::parse(digits).unwrap();
        let (bank, plain, other) =
            (code("6217000000000000001"), code("6200000000000000001"), code("130000000000000001"));
        let route = |code: &AuthCode, account: &str| Route {
            merchant: merchant.clone(),
            wallet: code.wallet(),
            account: account.to_owned(),
        };
        let routing = Routing {
            rules: vec![rule("6217", &["bank"]), rule("62", &["near", "far"])],
            routes: vec![route(&bank, "far"), route(&other, "direct"), route(&other, "far")],
        };
        let chosen = |code: &AuthCode| {
            let Chosen { rule, accounts } = routing.choose(&merchant, code);
            (rule, accounts.join(" "))
        };
        assert_eq!(chosen(&bank), (Some(0), "bank".to_owned()));
        assert_eq!(chosen(&plain), (Some(1), "near far".to_owned()));
        assert_eq!(chosen(&other), (None, "direct far".to_owned()));
        assert_eq!(chosen(&code("280000000000000001")), (None, String::new()));
    }
}
